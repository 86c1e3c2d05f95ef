import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'

/** An address is looked up; only a whole one counts, so that a typo never hits somebody else. */
export async function userId(context: Context, project: string, given: string): Promise<string> {
  if (!given.includes('@')) return given
  const { data } = await context.platform().users.list(project, { email: given.trim(), limit: 1 })
  if (data[0]) return data[0].id
  throw new CliError('not_found', `No user of ${project} has exactly the address ${given}.`)
}
