import type { CreateWebhook, UpdateWebhook, WebhookDelivery } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples, integer, words } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { listAll, type ListOptions } from '../list-all.js'
import { fields, shown, table } from '../output.js'
import { confirm } from '../read-secret.js'
import { endpointsOf, type Delivery, type Endpoint, type PlaceOptions } from '../webhook-place.js'

interface WebhookOptions extends PlaceOptions {
  yes?: boolean
}

interface EndpointOptions extends WebhookOptions {
  address?: string
  types?: string[]
  allTypes?: boolean
  projects?: string[]
  description?: string
  ordering?: 'none' | 'user'
  enabled?: 'yes' | 'no'
}

/** The server knows the list of events; a newer one needs no newer CLI. */
type WebhookTypes = NonNullable<CreateWebhook['types']>
type DeliveryOptions = WebhookOptions & ListOptions & { status?: WebhookDelivery['status'] }

/** Of which endpoints a command speaks. */
const placed = (command: Command): Command => command.option('--project <id>').option('--tenant', 'of your whole tenant, instead of one project')

const ORDERING = new Option('--ordering <kind>', '`user`: what is about one person comes in its order').choices(['none', 'user'])

export function addWebhookCommands(program: Command, io: Io): void {
  const webhooks = program.command('webhooks').description('who is told what happens in a project, or in all of your tenant')

  placed(webhooks.command('list').description('list the endpoints'))
    .action(
      action<WebhookOptions>(io, async (context, options) => {
        const { data: rows } = await context.waitFor('Reading the endpoints', endpointsOf(context, options).list())
        context.output.result(rows, () =>
          table(
            ['id', 'url', 'events', 'enabled', 'failing since'],
            rows.map((row) => [row.id, row.url, eventsOf(row), row.enabled, row.failingSince]),
            'No endpoints: `portico webhooks create https://…` makes one.',
          ),
        )
      }),
    )

  placed(webhooks.command('create').description('tell a URL what happens; its secret is printed once'))
    .argument('<address>', 'https://…')
    .option('--types <names>', 'such as user.created (repeatable, or separated by commas); all without it', words)
    .option('--projects <ids>', 'with --tenant: of these projects alone', words)
    .option('--description <text>')
    .addOption(ORDERING)
    .addHelpText(
      'after',
      examples(
        'portico webhooks create https://app.example/hooks --types user.created,user.deleted',
        'portico webhooks create https://platform.example/hooks --tenant --types usage.threshold',
      ),
    )
    .action(
      action<EndpointOptions>(io, async (context, { types, projects, description, ordering, ...options }, [address]) => {
        const input: CreateWebhook & { projectIds?: string[] } = {
          url: address!,
          ...(projects && { projectIds: projects }),
          ...(types && { types: types as WebhookTypes }),
          ...(description !== undefined && { description }),
          ...(ordering && { ordering }),
        }
        const made = await context.waitFor('Making the endpoint', endpointsOf(context, options).create(input))
        tellSecret(context, made)
      }),
    )

  placed(webhooks.command('update').description('change an endpoint, turn it off or on'))
    .argument('<webhook>', 'its id')
    .option('--address <url>', 'tell another URL')
    .option('--types <names>', 'these events instead', words)
    .option('--projects <ids>', 'with --tenant: of these projects instead', words)
    .option('--all-types', 'every event that a webhook may carry')
    .option('--description <text>')
    .addOption(ORDERING)
    .addOption(new Option('--enabled <yes|no>', 'off: what waits has failed, and can be replayed').choices(['yes', 'no']))
    .action(
      action<EndpointOptions>(io, async (context, options, [id]) => {
        const { address, types, allTypes, projects, description, ordering, enabled } = options
        if (types && allTypes) throw new CliError('conflicting_options', 'Only one of --types and --all-types.')
        const change: UpdateWebhook & { projectIds?: string[] } = {
          ...(projects && { projectIds: projects }),
          ...(address !== undefined && { url: address }),
          ...((types || allTypes) && { types: (types ?? []) as WebhookTypes }),
          ...(description !== undefined && { description }),
          ...(ordering && { ordering }),
          ...(enabled && { enabled: enabled === 'yes' }),
        }
        if (Object.keys(change).length === 0) throw new CliError('usage', 'Say what to change.')
        const changed = await context.waitFor('Changing the endpoint', endpointsOf(context, options).update(id!, change))
        context.output.result(changed, () => describe(changed))
      }),
    )

  placed(webhooks.command('delete').description('remove an endpoint with its delivery log'))
    .argument('<webhook>', 'its id')
    .option('--yes', 'do not ask')
    .action(
      action<WebhookOptions>(io, async (context, { yes, ...options }, [id]) => {
        if (!yes) await confirm(context.io, `Delete the endpoint ${id}?`, id!)
        await context.waitFor('Deleting the endpoint', endpointsOf(context, options).delete(id!))
        context.output.result({ id, deleted: true }, () => `Deleted ${id}.`)
      }),
    )

  placed(webhooks.command('rotate').description('another secret, printed once; the old one signs beside it for a day'))
    .argument('<webhook>', 'its id')
    .action(
      action<WebhookOptions>(io, async (context, options, [id]) => {
        tellSecret(context, await context.waitFor('Rotating the secret', endpointsOf(context, options).rotateSecret(id!)))
      }),
    )

  addDeliveryCommands(webhooks, io)
}

function addDeliveryCommands(webhooks: Command, io: Io): void {
  placed(webhooks.command('test').description('send the endpoint a message of type webhook.test'))
    .argument('<webhook>', 'its id')
    .action(
      action<WebhookOptions>(io, async (context, options, [id]) => {
        const delivery = await context.waitFor('Asking for it', endpointsOf(context, options).test(id!))
        context.output.result(delivery, () => `${delivery.id} is on its way: portico webhooks deliveries ${id}`)
      }),
    )

  placed(webhooks.command('deliveries').description('what was sent in the last 30 days and what was answered, the newest first'))
    .argument('<webhook>', 'its id')
    .addOption(new Option('--status <state>').choices(['pending', 'delivered', 'failed']))
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 10_000), 20)
    .action(
      action<DeliveryOptions>(io, async (context, { status, limit, ...options }, [id]) => {
        const query = { limit: Math.min(limit, 100), ...(status && { status }) }
        const listing = endpointsOf(context, options).deliveries(id!, query)
        await listAll(context, 'Reading the deliveries', listing, limit, (rows) =>
          table(
            ['id', 'event', 'status', 'tries', 'last answer', 'made'],
            rows.map((row) => [row.id, row.type, row.status, row.attempts, answerOf(row), row.createdAt]),
            'Nothing was sent.',
          ),
        )
      }),
    )

  placed(webhooks.command('resend').description('send one delivery again'))
    .argument('<webhook>', 'its id')
    .argument('<delivery>', 'its id')
    .action(
      action<WebhookOptions>(io, async (context, options, [id, delivery]) => {
        const again = await context.waitFor('Asking for it', endpointsOf(context, options).resend(id!, delivery!))
        context.output.result(again, () => `${again.type} is on its way again as ${again.id}.`)
      }),
    )

  placed(webhooks.command('replay').description('send what happened in a range of time, again or for the first time'))
    .argument('<webhook>', 'its id')
    .requiredOption('--since <instant>', 'RFC 3339, at most 30 days ago')
    .option('--until <instant>', 'RFC 3339; now without it')
    .addHelpText('after', examples('portico webhooks replay whk_… --since 2030-01-01T00:00:00Z'))
    .action(
      action<WebhookOptions & { since: string; until?: string }>(io, async (context, { since, until, ...options }, [id]) => {
        const range = { since, ...(until !== undefined && { until }) }
        const replay = await context.waitFor('Asking for it', endpointsOf(context, options).replay(id!, range))
        context.output.result(replay, () => `Replay ${replay.id} runs: \`portico webhooks replays ${id}\` says how far it is.`)
      }),
    )

  placed(webhooks.command('replays').description('how far the replays of an endpoint are'))
    .argument('<webhook>', 'its id')
    .action(
      action<WebhookOptions>(io, async (context, options, [id]) => {
        const { data: rows } = await context.waitFor('Reading the replays', endpointsOf(context, options).replays(id!))
        context.output.result(rows, () =>
          table(
            ['id', 'state', 'since', 'until', 'messages'],
            rows.map((row) => [row.id, row.status, row.since, row.until, row.deliveries]),
            'No replays.',
          ),
        )
      }),
    )
}

function tellSecret(context: Context, made: Endpoint & { secret: string }): void {
  context.output.note('Keep the secret now: it cannot be shown again.\n')
  context.output.result(made, () => `${fields([['secret', made.secret]])}\n${describe(made)}`)
}

function describe(webhook: Endpoint): string {
  return fields([
    ['id', webhook.id],
    ['url', webhook.url],
    ['events', eventsOf(webhook)],
    ...('projectIds' in webhook ? [['projects', webhook.projectIds.length === 0 ? 'all' : webhook.projectIds] as [string, unknown]] : []),
    ['ordering', webhook.ordering],
    ['enabled', webhook.enabled],
    ['description', webhook.description],
  ])
}

const eventsOf = ({ types }: Endpoint): unknown => (types.length === 0 ? 'all' : types)

function answerOf({ tries }: Delivery): string {
  const last = tries.at(-1)
  return last === undefined ? '-' : shown(last.status ?? last.error)
}
