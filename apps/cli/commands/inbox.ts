import type { Command } from 'commander'
import { action, examples, integer } from '../command-action.js'
import { CliError, exitCodeForStatus, toCliError } from '../cli-error.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { shown } from '../output.js'

interface InboxOptions {
  limit: number
  to?: string
}

type Mail = Record<string, unknown>

export function addInboxCommands(program: Command, io: Io): void {
  program
    .command('inbox')
    .description('development: the mails that were not sent, with their links and codes')
    .option('--to <address>', 'only to this address')
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 1000), 20)
    .addHelpText('after', examples('portico inbox', 'portico inbox --to ada@example.com --json | jq -r .data[0].link'))
    .action(action<InboxOptions>(io, inbox))
}

async function inbox(context: Context, { limit, to }: InboxOptions): Promise<void> {
  const { url } = context.connection()
  const mails = (await context.waitFor('Reading the inbox', read(url)))
    .filter((mail) => to === undefined || [mail['to']].flat().join(',').toLowerCase().includes(to.toLowerCase()))
    .slice(0, limit)
  context.output.result(mails, () => (mails.length === 0 ? 'No mail.' : mails.map(describe).join('\n\n')))
}

// Not part of the API and needs no key: the SDK does not know it.
async function read(url: string): Promise<Mail[]> {
  let answer: Response
  let body: unknown
  try {
    answer = await fetch(`${url}/dev/inbox.json`, { redirect: 'error', signal: AbortSignal.timeout(10_000) })
    body = await answer.json().catch(() => null)
  } catch (error) {
    throw toCliError(error, url)
  }
  if (answer.status === 404)
    throw new CliError(
      'no_inbox',
      'There is no inbox: the control plane runs in production, or its mails are really sent (RESEND_API_KEY is set).',
    )
  if (!answer.ok)
    throw new CliError('unexpected_answer', `The inbox answered ${answer.status}.`, { exitCode: exitCodeForStatus(answer.status) })
  const list = Array.isArray(body) ? body : ((body as { data?: unknown } | null)?.data ?? (body as { mails?: unknown } | null)?.mails)
  return Array.isArray(list) ? (list as Mail[]) : []
}

function describe(mail: Mail): string {
  const lines = [`${shown(mail['subject'])}`, `  to    ${shown(mail['to'])}`, `  at    ${shown(mail['created_at'] ?? mail['at'])}`]
  if (mail['link']) lines.push(`  link  ${shown(mail['link'])}`)
  if (mail['code']) lines.push(`  code  ${shown(mail['code'])}`)
  return lines.join('\n')
}
