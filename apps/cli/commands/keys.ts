import type { Command } from 'commander'
import { action, examples, integer, words } from '../command-action.js'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'
import { listAll, type ListOptions } from '../list-all.js'

interface CreateOptions {
  scope?: string[]
  expiresAt?: string
  expiresInDays?: number
}

const DAY_MS = 86_400_000

export function addKeyCommands(program: Command, io: Io): void {
  const keys = program.command('keys').description('API keys of your tenant')

  keys
    .command('create')
    .description('create a key; it is printed once')
    .argument('<name>')
    .requiredOption('--scope <scope>', 'such as projects:read (repeatable, or separated by commas)', words)
    .option('--expires-at <instant>', 'RFC 3339, such as 2030-01-01T00:00:00Z')
    .option('--expires-in-days <n>', 'instead of --expires-at', integer('--expires-in-days', 1, 3650))
    .addHelpText(
      'after',
      examples(
        'portico keys create ci --scope projects:read,env:read --expires-in-days 90',
        'portico keys create ci --scope env:read --json | jq -r .data.key | portico login --api-key-stdin',
      ),
    )
    .action(action<CreateOptions>(io, create))

  keys
    .command('list')
    .description('list keys; never their values')
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 10_000), 100)
    .action(
      action<ListOptions>(io, async (context, { limit }) => {
        await listAll(context, 'Reading keys', context.platform().apiKeys.list({ limit: Math.min(limit, 100) }), limit, (rows) =>
          table(
            ['id', 'name', 'prefix', 'scopes', 'expires', 'last used'],
            rows.map((row) => [row.id, row.name, row.prefix, row.scopes, row.expiresAt ?? 'never', row.lastUsedAt ?? 'never']),
            'No keys.',
          ),
        )
      }),
    )

  keys
    .command('revoke')
    .description('end a key, everywhere within a second')
    .argument('<key>', 'its id')
    .option('--yes', 'do not ask')
    .action(
      action<{ yes?: boolean }>(io, async (context, options, [id]) => {
        if (!options.yes) await confirm(context.io, `Revoke ${id}? Whatever uses it stops working.`, 'revoke')
        await context.waitFor('Revoking the key', context.platform().apiKeys.revoke(id!))
        context.output.result({ id, revoked: true }, () => `Revoked ${id}.`)
      }),
    )
}

async function create(context: Context, options: CreateOptions, [name]: (string | undefined)[]): Promise<void> {
  if (options.expiresAt !== undefined && options.expiresInDays !== undefined) {
    throw new CliError('conflicting_options', 'Only one of --expires-at and --expires-in-days.')
  }
  const expiresAt =
    options.expiresInDays === undefined ? options.expiresAt : new Date(Date.now() + options.expiresInDays * DAY_MS).toISOString()
  const key = await context.waitFor(
    'Creating the key',
    context.platform().apiKeys.create({
      name: name!,
      // The server knows the list of scopes; a newer one needs no newer CLI.
      scopes: (options.scope ?? []) as never[],
      ...(expiresAt === undefined ? {} : { expiresAt }),
    }),
  )
  context.output.note('Keep the key now: it cannot be shown again.\n')
  context.output.result(key, () =>
    fields([
      ['key', key.key],
      ['id', key.id],
      ['name', key.name],
      ['scopes', key.scopes],
      ['expires', key.expiresAt ?? 'never'],
    ]),
  )
}
