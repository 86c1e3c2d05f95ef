import type { CreateWebhook, UpdateWebhook, Webhook, WebhookDelivery, WebhookWithSecret } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples, integer, words } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { listAll, type ListOptions } from '../list-all.js'
import { fields, shown, table } from '../output.js'
import { confirm } from '../read-secret.js'

interface WebhookOptions {
  project?: string
  yes?: boolean
}

interface EndpointOptions extends WebhookOptions {
  address?: string
  types?: string[]
  allTypes?: boolean
  description?: string
  ordering?: 'none' | 'user'
  enabled?: 'yes' | 'no'
}

/** The server knows the list of events; a newer one needs no newer CLI. */
type WebhookTypes = NonNullable<CreateWebhook['types']>
type DeliveryOptions = WebhookOptions & ListOptions & { status?: WebhookDelivery['status'] }

const ORDERING = new Option('--ordering <kind>', '`user`: what is about one person comes in its order').choices(['none', 'user'])

export function addWebhookCommands(program: Command, io: Io): void {
  const webhooks = program.command('webhooks').description('who is told what happens in a project')

  webhooks
    .command('list')
    .description('list the endpoints')
    .option('--project <id>')
    .action(
      action<WebhookOptions>(io, async (context, { project }) => {
        const { data: rows } = await context.waitFor('Reading the endpoints', context.platform().webhooks.list(context.projectId(project)))
        context.output.result(rows, () =>
          table(
            ['id', 'url', 'events', 'enabled', 'failing since'],
            rows.map((row) => [row.id, row.url, eventsOf(row), row.enabled, row.failingSince]),
            'No endpoints: `portico webhooks create https://…` makes one.',
          ),
        )
      }),
    )

  webhooks
    .command('create')
    .description('tell a URL what happens; its secret is printed once')
    .argument('<address>', 'https://…')
    .option('--types <names>', 'such as user.created (repeatable, or separated by commas); all without it', words)
    .option('--description <text>')
    .addOption(ORDERING)
    .option('--project <id>')
    .addHelpText('after', examples('portico webhooks create https://app.example/hooks --types user.created,user.deleted'))
    .action(
      action<EndpointOptions>(io, async (context, { project, types, description, ordering }, [address]) => {
        const input: CreateWebhook = {
          url: address!,
          ...(types && { types: types as WebhookTypes }),
          ...(description !== undefined && { description }),
          ...(ordering && { ordering }),
        }
        const made = await context.waitFor('Making the endpoint', context.platform().webhooks.create(context.projectId(project), input))
        tellSecret(context, made)
      }),
    )

  webhooks
    .command('update')
    .description('change an endpoint, turn it off or on')
    .argument('<webhook>', 'its id')
    .option('--address <url>', 'tell another URL')
    .option('--types <names>', 'these events instead', words)
    .option('--all-types', 'every event that a webhook may carry')
    .option('--description <text>')
    .addOption(ORDERING)
    .addOption(new Option('--enabled <yes|no>', 'off: what waits has failed, and can be replayed').choices(['yes', 'no']))
    .option('--project <id>')
    .action(
      action<EndpointOptions>(io, async (context, { project, address, types, allTypes, description, ordering, enabled }, [id]) => {
        if (types && allTypes) throw new CliError('conflicting_options', 'Only one of --types and --all-types.')
        const change: UpdateWebhook = {
          ...(address !== undefined && { url: address }),
          ...((types || allTypes) && { types: (types ?? []) as WebhookTypes }),
          ...(description !== undefined && { description }),
          ...(ordering && { ordering }),
          ...(enabled && { enabled: enabled === 'yes' }),
        }
        if (Object.keys(change).length === 0) throw new CliError('usage', 'Say what to change.')
        const { webhooks: api } = context.platform()
        const changed = await context.waitFor('Changing the endpoint', api.update(context.projectId(project), id!, change))
        context.output.result(changed, () => describe(changed))
      }),
    )

  webhooks
    .command('delete')
    .description('remove an endpoint with its delivery log')
    .argument('<webhook>', 'its id')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<WebhookOptions>(io, async (context, { project, yes }, [id]) => {
        if (!yes) await confirm(context.io, `Delete the endpoint ${id}?`, id!)
        await context.waitFor('Deleting the endpoint', context.platform().webhooks.delete(context.projectId(project), id!))
        context.output.result({ id, deleted: true }, () => `Deleted ${id}.`)
      }),
    )

  webhooks
    .command('rotate')
    .description('another secret, printed once; the old one signs beside it for a day')
    .argument('<webhook>', 'its id')
    .option('--project <id>')
    .action(
      action<WebhookOptions>(io, async (context, { project }, [id]) => {
        const { webhooks: api } = context.platform()
        tellSecret(context, await context.waitFor('Rotating the secret', api.rotateSecret(context.projectId(project), id!)))
      }),
    )

  addDeliveryCommands(webhooks, io)
}

function addDeliveryCommands(webhooks: Command, io: Io): void {
  webhooks
    .command('test')
    .description('send the endpoint a message of type webhook.test')
    .argument('<webhook>', 'its id')
    .option('--project <id>')
    .action(
      action<WebhookOptions>(io, async (context, { project }, [id]) => {
        const { webhooks: api } = context.platform()
        const delivery = await context.waitFor('Asking for it', api.test(context.projectId(project), id!))
        context.output.result(delivery, () => `${delivery.id} is on its way: portico webhooks deliveries ${id}`)
      }),
    )

  webhooks
    .command('deliveries')
    .description('what was sent in the last 30 days and what was answered, the newest first')
    .argument('<webhook>', 'its id')
    .addOption(new Option('--status <state>').choices(['pending', 'delivered', 'failed']))
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 10_000), 20)
    .option('--project <id>')
    .action(
      action<DeliveryOptions>(io, async (context, { project, status, limit }, [id]) => {
        const query = { limit: Math.min(limit, 100), ...(status && { status }) }
        const listing = context.platform().webhooks.deliveries(context.projectId(project), id!, query)
        await listAll(context, 'Reading the deliveries', listing, limit, (rows) =>
          table(
            ['id', 'event', 'status', 'tries', 'last answer', 'made'],
            rows.map((row) => [row.id, row.type, row.status, row.attempts, answerOf(row), row.createdAt]),
            'Nothing was sent.',
          ),
        )
      }),
    )

  webhooks
    .command('resend')
    .description('send one delivery again')
    .argument('<webhook>', 'its id')
    .argument('<delivery>', 'its id')
    .option('--project <id>')
    .action(
      action<WebhookOptions>(io, async (context, { project }, [id, delivery]) => {
        const { webhooks: api } = context.platform()
        const again = await context.waitFor('Asking for it', api.resend(context.projectId(project), id!, delivery!))
        context.output.result(again, () => `${again.type} is on its way again as ${again.id}.`)
      }),
    )

  webhooks
    .command('replay')
    .description('send what happened in a range of time, again or for the first time')
    .argument('<webhook>', 'its id')
    .requiredOption('--since <instant>', 'RFC 3339, at most 30 days ago')
    .option('--until <instant>', 'RFC 3339; now without it')
    .option('--project <id>')
    .addHelpText('after', examples('portico webhooks replay whk_… --since 2030-01-01T00:00:00Z'))
    .action(
      action<WebhookOptions & { since: string; until?: string }>(io, async (context, { project, since, until }, [id]) => {
        const { webhooks: api } = context.platform()
        const range = { since, ...(until !== undefined && { until }) }
        const deliveries = await context.waitFor('Replaying', api.replay(context.projectId(project), id!, range))
        context.output.result({ deliveries }, () => `${deliveries} messages are on their way.`)
      }),
    )
}

function tellSecret(context: Context, made: WebhookWithSecret): void {
  context.output.note('Keep the secret now: it cannot be shown again.\n')
  context.output.result(made, () => `${fields([['secret', made.secret]])}\n${describe(made)}`)
}

function describe(webhook: Webhook): string {
  return fields([
    ['id', webhook.id],
    ['url', webhook.url],
    ['events', eventsOf(webhook)],
    ['ordering', webhook.ordering],
    ['enabled', webhook.enabled],
    ['description', webhook.description],
  ])
}

const eventsOf = ({ types }: Webhook): unknown => (types.length === 0 ? 'all' : types)

function answerOf({ tries }: WebhookDelivery): string {
  const last = tries.at(-1)
  return last === undefined ? '-' : shown(last.status ?? last.error)
}
