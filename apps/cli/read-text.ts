import { readFileSync } from 'node:fs'
import { CliError } from './cli-error.js'

/** A file that the command line names. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError('file_unreadable', `${file} could not be read: ${(error as Error).message}`, { cause: error })
  }
}
