import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { CliError } from './cli-error.js'
import { Context } from './context.js'
import type { Io } from './io.js'

type Options = Record<string, string | boolean | string[] | undefined>

/** Commander hands over (…arguments, options, command); a command of ours gets a Context, its arguments and its options. */
export function action<O = Options>(io: Io, work: (context: Context, options: O, args: (string | undefined)[]) => Promise<void> | void) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command
    const context = new Context(io, command)
    const args = given.slice(0, -2) as (string | undefined)[]
    try {
      await work(context, command.opts() as O, args)
    } catch (error) {
      throw await named(error, context, args)
    }
  }
}

/** «There is nothing here» says more when it is the project that is not there, and for whom. */
async function named(error: unknown, context: Context, args: (string | undefined)[]): Promise<unknown> {
  if ((error as { code?: unknown }).code !== 'not_found' || error instanceof CliError) return error
  const project = context.askedProject ?? args.find((arg) => typeof arg === 'string' && arg.startsWith('proj_'))
  if (project === undefined) return error
  if (!(await isMissing(context, project))) return error
  const { profileName, url } = context.connection()
  const { requestId } = error as { requestId?: string | null }
  const message = `No project ${project} for profile ${profileName} at ${url}.`
  return new CliError('not_found', message, { requestId: requestId ?? null, cause: error })
}

async function isMissing(context: Context, project: string): Promise<boolean> {
  try {
    await context.platform().projects.get(project, { maxRetries: 0 })
    return false
  } catch (failure) {
    return (failure as { code?: unknown }).code === 'not_found'
  }
}

/** For an option that takes several, repeated or separated by commas. */
export function words(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), ...value.split(',').map((word) => word.trim())].filter((word) => word !== '')
}

/** Indented as Commander indents its own sections. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`
}

export function integer(name: string, min: number, max: number) {
  return (value: string): number => {
    const number = Number(value)
    if (!Number.isInteger(number) || number < min || number > max)
      throw new InvalidArgumentError(`${name} must be a whole number from ${min} to ${max}.`)
    return number
  }
}
