import type { MailSender, NewMailSender, ProjectMail } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { action, examples, integer } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { listAll, type ListOptions } from '../list-all.js'
import { fields, table } from '../output.js'
import { confirm, readAll } from '../read-secret.js'
import { addSuppressionCommands } from './mail-suppressions.js'
import { addMailTemplateCommands } from './mail-templates.js'

interface PlaceOptions {
  project?: string
  tenant?: boolean
  yes?: boolean
}

interface SenderOptions extends PlaceOptions {
  kind: NewMailSender['kind']
  from: string
  host?: string
  port?: number
  security?: 'tls' | 'starttls' | 'none'
  user?: string
  secretStdin?: boolean
  retries?: number
}

type MailOptions = ListOptions & { project?: string; state?: ProjectMail['state']; address?: string }

export function addMailCommands(program: Command, io: Io): void {
  const mail = program.command('mail').description('who sends the mail of a project, what it says and what became of it')

  mail
    .command('list')
    .description('mails and what became of them, the newest first')
    .option('--state <state>', 'queued, sent, delivered, bounced, failed …')
    .option('--address <address>', 'only to this address')
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 10_000), 20)
    .option('--project <id>')
    .action(
      action<MailOptions>(io, async (context, { project, limit, state, address }) => {
        const query = { limit: Math.min(limit, 100), ...(state && { state }), ...(address !== undefined && { address }) }
        await listAll(context, 'Reading mails', context.platform().mail.list(context.projectId(project), query), limit, (rows) =>
          table(
            ['id', 'kind', 'to', 'state', 'reason', 'made'],
            rows.map((row) => [row.id, row.kind, row.to, row.state, row.reason, row.createdAt]),
            'No mails.',
          ),
        )
      }),
    )

  addSenderCommands(mail.command('sender').description('who sends it: an SMTP server, or an account at Resend'), io)
  addMailTemplateCommands(mail.command('templates').description("a project's own words"), io)
  addSuppressionCommands(mail.command('suppressions').description('addresses that get no mail'), io)
}

function addSenderCommands(sender: Command, io: Io): void {
  const placed = (command: Command) =>
    command.option('--project <id>').option('--tenant', 'of every project of your tenant that has none of its own')

  placed(sender.command('show').description('show it; never its secrets')).action(
    action<PlaceOptions>(io, async (context, options) => {
      const found = await context.waitFor('Reading the sender', context.platform().mail.readSender(place(context, options)))
      context.output.result(found, () => (found === null ? 'No sender of its own.' : describe(found)))
    }),
  )

  placed(sender.command('set').description('try a sender, and use it from now on when it works'))
    .addOption(new Option('--kind <kind>').choices(['smtp', 'resend', 'resend_domain']).makeOptionMandatory())
    .requiredOption('--from <address>', 'address, or Name <address>')
    .option('--host <name>', 'smtp')
    .option('--port <n>', 'smtp', integer('--port', 1, 65_535))
    .addOption(new Option('--security <kind>', 'smtp').choices(['tls', 'starttls', 'none']))
    .option('--user <name>', 'smtp')
    .option('--secret-stdin', "smtp: the password; resend: its key; read from standard input")
    .option('--retries <n>', 'smtp', integer('--retries', 0, 1000))
    .addHelpText(
      'after',
      examples(
        "portico mail sender set --kind smtp --host smtp.acme.example --port 465 --security tls \\\n      --user auth --from 'Acme <auth@acme.example>' --secret-stdin < password.txt",
        'portico mail sender set --kind resend_domain --from auth@mail.acme.example',
      ),
    )
    .action(
      action<SenderOptions>(io, async (context, { project, tenant, secretStdin, kind, ...options }) => {
        const secret = secretStdin ? await readAll(context.io) : undefined
        const withSecret = secret === undefined ? {} : kind === 'smtp' ? { password: secret } : { apiKey: secret }
        const where = place(context, { ...(project !== undefined && { project }), ...(tenant && { tenant }) })
        const set = await context.waitFor('Trying it', context.platform().mail.setSender(where, { kind, ...options, ...withSecret }))
        context.output.result(set, () => describe(set))
      }),
    )

  placed(sender.command('verify').description('look now whether the domain of a resend_domain is verified')).action(
    action<PlaceOptions>(io, async (context, options) => {
      const found = await context.waitFor('Looking', context.platform().mail.verifySender(place(context, options)))
      context.output.result(found, () => describe(found))
    }),
  )

  placed(sender.command('remove').description('send in the name of the tenant or of the installation again'))
    .option('--yes', 'do not ask')
    .action(
      action<PlaceOptions>(io, async (context, options) => {
        const where = place(context, options)
        if (!options.yes) await confirm(context.io, 'Remove the sender? Mails go out through the next one.', 'remove')
        await context.waitFor('Removing', context.platform().mail.removeSender(where))
        context.output.result({ removed: true }, () => 'The sender is removed.')
      }),
    )
}

function place(context: Context, { project, tenant }: PlaceOptions): string | null {
  return tenant ? null : context.projectId(project)
}

function describe(sender: MailSender): string {
  const { dnsRecords, failing, ...rest } = sender
  const lines = [fields(Object.entries(rest).filter(([, value]) => value !== null))]
  if (failing) lines.push('', `Refused since ${failing.since}: ${failing.code}${failing.detail === null ? '' : ` (${failing.detail})`}`)
  if (dnsRecords && dnsRecords.length > 0)
    lines.push(
      '',
      table(
        ['type', 'name', 'value', 'status'],
        dnsRecords.map((row) => [row.type, row.name, row.value, row.status]),
        '',
      ),
    )
  return lines.join('\n')
}
