import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { AuditStream, SetAuditStream } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples, integer } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { fields } from '../output.js'
import { confirm, readSecret } from '../read-secret.js'

interface StreamOptions {
  kind: 'https' | 's3'
  address: string
  region?: string
  bucket?: string
  prefix?: string
  accessKeyId?: string
}

/** How the audit log is kept, taken out and sent elsewhere (docs/audit-log.md). */
export function addAuditUpkeep(audit: Command, io: Io): void {
  audit
    .command('export <file>')
    .description('the chained log of a project, or of the tenant itself, as a file for `verify`')
    .option('--project <id>', 'without it the log of the tenant itself')
    .addHelpText('after', examples('portico audit export audit-log.ndjson --project proj_…'))
    .action(action<{ project?: string }>(io, exportLog))
  audit
    .command('keys')
    .description('the keys that exports and receipts are verified with, as a JWK set')
    .action(action<object>(io, async (context) => context.output.line(JSON.stringify({ keys: await context.platform().auditLog.keys() }))))
  audit
    .command('retention')
    .description('for how long rows are kept')
    .option('--days <n>', 'from now on: older rows go, and leave links that still verify', integer('--days', 30, 3_650))
    .option('--forever', 'from now on')
    .option('-y, --yes', 'do not ask')
    .action(action<{ days?: number; forever?: boolean; yes?: boolean }>(io, retention))

  const stream = audit.command('stream').description('where the log is streamed to')
  stream
    .command('show')
    .description('the destination and how it does')
    .action(
      action<object>(io, async (context) => {
        const found = await context.waitFor('Reading the stream', context.platform().auditLog.stream())
        context.output.result(found, () => (found ? describe(found) : 'The audit log is streamed nowhere.'))
      }),
    )
  stream
    .command('set')
    .description('stream every row of the tenant and its projects; the secret of a store is read from standard input or asked')
    .addOption(new Option('--kind <what>').choices(['https', 's3']).makeOptionMandatory())
    .requiredOption('--address <url>', 'where it is sent, or the endpoint of the store')
    .option('--region <name>')
    .option('--bucket <name>')
    .option('--prefix <text>', 'before every name')
    .option('--access-key-id <id>')
    .addHelpText(
      'after',
      examples(
        'portico audit stream set --kind https --address https://siem.example/portico',
        'portico audit stream set --kind s3 --address https://s3.example.com --region eu-central-1 --bucket logs --access-key-id AKIA…',
      ),
    )
    .action(action<StreamOptions>(io, setStream))
  stream
    .command('off')
    .description('stream it nowhere any more')
    .option('-y, --yes', 'do not ask')
    .action(
      action<{ yes?: boolean }>(io, async (context, { yes }) => {
        if (!yes) await confirm(context.io, 'Stream the audit log nowhere any more?', 'off')
        await context.waitFor('Turning it off', context.platform().auditLog.removeStream())
        context.output.note('The audit log is streamed nowhere.')
      }),
    )
}

async function exportLog(context: Context, { project }: { project?: string }, [file]: (string | undefined)[]): Promise<void> {
  // An export that is refused or breaks off leaves the file of the last one as it was.
  const part = `${file}.part`
  try {
    await pipeline(context.platform().auditLog.exportText(project), createWriteStream(part))
    await rename(part, file!)
  } finally {
    await rm(part, { force: true })
  }
  context.output.note(`Written: check it with \`portico audit verify ${file}\`.`)
}

async function retention(context: Context, { days, forever, yes }: { days?: number; forever?: boolean; yes?: boolean }): Promise<void> {
  const { auditLog } = context.platform()
  if (days !== undefined && forever) throw new CliError('usage', 'Give --days or --forever.')
  if (days !== undefined && !yes) await confirm(context.io, `Delete every audit row that is older than ${days} days?`, String(days))
  if (days !== undefined || forever) await context.waitFor('Setting the retention', auditLog.setRetention(days ?? null))
  const kept = await context.waitFor('Reading the retention', auditLog.retention())
  context.output.result({ days: kept }, () => (kept === null ? 'Audit rows are kept for ever.' : `Audit rows are kept for ${kept} days.`))
}

async function setStream(context: Context, { kind, address, ...store }: StreamOptions): Promise<void> {
  const input: SetAuditStream =
    kind === 'https'
      ? { kind, url: address }
      : { kind, endpoint: address, ...store, secretAccessKey: await readSecret(context.io, 'Secret access key') }
  const set = await context.waitFor('Setting the stream', context.platform().auditLog.setStream(input))
  context.output.result(set, () => describe(set))
  if (set.secret) context.output.note('The secret is shown this once: the endpoint verifies the signatures of Standard Webhooks with it.')
}

function describe(stream: AuditStream): string {
  return fields(Object.entries(stream).filter(([, value]) => value !== null && value !== undefined))
}
