import type { BulkUsers, UserFilter, UserQuery } from '@portico/sdk'
import type { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples, integer } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { listAll, type ListOptions } from '../list-all.js'
import { table } from '../output.js'
import { confirm } from '../read-secret.js'
import { userId } from './user-id.js'

const ACTIONS = ['disable', 'enable', 'delete', 'end_sessions', 'send_recovery', 'evict'] as const

interface FilterOptions {
  project?: string
  search?: string
  domain?: string
  provider?: string
  state?: string
  createdSince?: string
  createdUntil?: string
  lastSignInSince?: string
  lastSignInUntil?: string
}

interface BulkOptions {
  project?: string
  yes?: boolean
}

const FILTERS: readonly [flags: string, description: string][] = [
  ['--search <text>', 'the beginning of an address or of its domain, or an id'],
  ['--domain <name>', 'the domain of the address'],
  ['--provider <name>', 'who signs in with password, passkey, google, oidc:<name> …'],
  ['--state <states>', 'confirmed, unconfirmed, enabled, disabled, mfa, never_signed_in; separated by commas'],
  ['--created-since <instant>', 'made at or after'],
  ['--created-until <instant>', 'made before'],
  ['--last-sign-in-since <instant>', 'signed in at or after'],
  ['--last-sign-in-until <instant>', 'signed in last before'],
]

function withFilters(command: Command): Command {
  command.option('--project <id>')
  for (const [flags, description] of FILTERS) command.option(flags, description)
  return command
}

const NAMES = ['search', 'domain', 'provider', 'state', 'createdSince', 'createdUntil', 'lastSignInSince', 'lastSignInUntil'] as const

const filterOf = (options: FilterOptions): UserFilter =>
  Object.fromEntries(NAMES.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])))

export function addUserListCommands(users: Command, io: Io): void {
  withFilters(users.command('list'))
    .description('list users')
    .option('--sort <order>', 'created_at, email or last_sign_in_at; with - before it the greatest first')
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 100_000), 100)
    .addHelpText(
      'after',
      examples('portico users list --project proj_… --search @example.com', 'portico users list --state unconfirmed --sort=-created_at'),
    )
    .action(
      action<ListOptions & FilterOptions & { sort?: string }>(io, async (context, { limit, sort, ...options }) => {
        const query: UserQuery = {
          limit: Math.min(limit, 100),
          ...filterOf(options),
          ...(sort === undefined ? {} : { sort: sort as NonNullable<UserQuery['sort']> }),
        }
        const listing = context.platform().users.list(context.projectId(options.project), query)
        await listAll(context, 'Reading users', listing, limit, (rows) =>
          table(
            ['id', 'email', 'verified', 'disabled', 'last sign-in'],
            rows.map((row) => [row.id, row.email, row.emailVerified, row.disabled, row.lastSignInAt]),
            Object.keys(filterOf(options)).length === 0 ? 'No user has signed up yet.' : 'Nobody matches.',
          ),
        )
      }),
    )

  withFilters(users.command('export'))
    .description('everybody who matches, to standard output')
    .option('--format <format>', 'ndjson (one JSON object a line) or csv', 'ndjson')
    .addHelpText(
      'after',
      examples('portico users export --project proj_… > users.ndjson', 'portico users export --format csv --state confirmed > users.csv'),
    )
    .action(
      action<FilterOptions & { format: 'ndjson' | 'csv' }>(io, async (context, { format, ...options }) => {
        const parts = context.platform().users.exportText(context.projectId(options.project), { ...filterOf(options), format })
        for await (const text of parts)
          if (!context.io.stdout.write(text)) await new Promise((drained) => context.io.stdout.once('drain', drained))
      }),
    )

  users
    .command('bulk')
    .description('one action on many users')
    .argument('<action>', ACTIONS.join(', '))
    .argument('<users...>', 'ids or addresses')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('portico users bulk disable ada@example.com grace@example.com --project proj_…'))
    .action(action<BulkOptions>(io, bulk))
}

async function bulk(context: Context, options: BulkOptions, [name, users]: (string | undefined)[]): Promise<void> {
  // Commander hands the rest of the arguments over as a list.
  const given = users as unknown as string[]
  const chosen = ACTIONS.find((known) => known === name)
  if (!chosen) throw new CliError('usage_error', `There is no action ${name}. Actions: ${ACTIONS.join(', ')}.`)
  const project = context.projectId(options.project)
  const ids: string[] = []
  for (const user of given) ids.push(await userId(context, project, user))
  if ((chosen === 'delete' || chosen === 'evict') && !options.yes) await confirm(context.io, `${chosen} ${ids.length} users?`, chosen)
  const input: BulkUsers = { action: chosen, ids }
  const done = await context.waitFor('Working', context.platform().users.bulk(project, input))
  context.output.result(done, () =>
    table(
      ['user', 'done'],
      done.results.map((result, at) => [given[at] ?? result.id, result.ok ? 'yes' : `no: ${result.error?.message}`]),
      'Nothing to do.',
    ),
  )
  if (done.failed > 0) throw new CliError('bulk_failed', `${done.failed} of ${done.results.length} failed.`)
}
