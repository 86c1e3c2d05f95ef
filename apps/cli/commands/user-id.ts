import { domainToASCII } from 'node:url'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'

/** An address is looked up; only an exact match counts, so that a typo never hits somebody else. */
export async function userId(context: Context, project: string, given: string): Promise<string> {
  if (!given.includes('@')) return given
  // Answers hold a domain as A-labels.
  const [, local = '', domain = ''] = /^(.*)@(.*)$/s.exec(given.trim().toLowerCase()) ?? []
  const wanted = `${local}@${domainToASCII(domain)}`
  for await (const user of context.platform().users.list(project, { search: given.trim(), limit: 100 })) {
    if (user.email.toLowerCase() === wanted) return user.id
  }
  throw new CliError('not_found', `No user of ${project} has exactly the address ${given}.`)
}
