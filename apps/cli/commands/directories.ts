import type { Directory } from '@portico/sdk'
import type { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples, integer, words } from '../command-action.js'
import type { Io } from '../io.js'
import { listAll, type ListOptions } from '../list-all.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'

interface DirectoryOptions {
  project?: string
  organization?: string
  name?: string
  groupRoles?: string[]
  fallbackRole?: string
  expiresAt?: string
  yes?: boolean
}

/** Where the people of organizations come from: identity providers that keep them in step by SCIM 2.0 (docs/scim.md). */
export function addDirectoryCommands(program: Command, io: Io): void {
  const directories = program.command('directories').description('identity providers that keep people in step by SCIM 2.0')

  directories
    .command('list')
    .description('list them')
    .option('--organization <id>', 'only its own')
    .option('--project <id>')
    .action(
      action<DirectoryOptions>(io, async (context, { project, organization }) => {
        const query = organization === undefined ? {} : { organizationId: organization }
        const listing = context.platform().directories.list(context.projectId(project), query)
        const { data: rows } = await context.waitFor('Reading directories', listing)
        context.output.result(rows, () =>
          table(
            ['id', 'name', 'organization', 'last used'],
            rows.map((row) => [row.id, row.name, row.organizationId, row.lastUsedAt]),
            'No directories.',
          ),
        )
      }),
    )

  withRoles(directories.command('create').description('make one, and give its SCIM URL and a token to the identity provider'))
    .argument('<name>')
    .option('--organization <id>', 'whose people they are')
    .addHelpText('after', examples('portico directories create "Acme Entra" --organization 0190… --group-roles Admins=admin,Staff=member'))
    .action(
      action<DirectoryOptions>(io, async (context, { project, organization, ...options }, [name]) => {
        const input = { name: name!, ...(organization !== undefined && { organizationId: organization }), ...rolesOf(options) }
        const { directories: api } = context.platform()
        const made = await context.waitFor('Making the directory', api.create(context.projectId(project), input))
        context.output.result(made, () => describe(made))
      }),
    )

  directories
    .command('show')
    .description('show one')
    .argument('<directory>', 'its id')
    .option('--project <id>')
    .action(
      action<DirectoryOptions>(io, async (context, { project }, [id]) => {
        const { directories: api } = context.platform()
        const found = await context.waitFor('Reading the directory', api.get(context.projectId(project), id!))
        context.output.result(found, () => describe(found))
      }),
    )

  withRoles(directories.command('update').description('change its name, or what its groups mean'))
    .argument('<directory>', 'its id')
    .option('--name <text>')
    .action(
      action<DirectoryOptions>(io, async (context, { project, name, ...options }, [id]) => {
        const change = { ...(name !== undefined && { name }), ...rolesOf(options) }
        if (Object.keys(change).length === 0) throw new CliError('usage', 'Say what to change.')
        const { directories: api } = context.platform()
        const changed = await context.waitFor('Changing the directory', api.update(context.projectId(project), id!, change))
        context.output.result(changed, () => describe(changed))
      }),
    )

  directories
    .command('delete')
    .description('end it; its people stay')
    .argument('<directory>', 'its id')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<DirectoryOptions>(io, async (context, { project, yes }, [id]) => {
        if (!yes) await confirm(context.io, `Delete the directory ${id}? Its people stay.`, id!)
        await context.waitFor('Deleting the directory', context.platform().directories.delete(context.projectId(project), id!))
        context.output.result({ id, deleted: true }, () => `Deleted ${id}.`)
      }),
    )

  directories
    .command('log')
    .description('what the identity provider asked to change, the newest first')
    .argument('<directory>', 'its id')
    .option('--refused', 'only what was not done')
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 10_000), 20)
    .option('--project <id>')
    .action(
      action<ListOptions & { project?: string; refused?: boolean }>(io, async (context, { project, refused, limit }, [id]) => {
        const query = { limit: Math.min(limit, 100), ...(refused && { refused }) }
        const listing = context.platform().directories.log(context.projectId(project), id!, query)
        await listAll(context, 'Reading the log', listing, limit, (rows) =>
          table(
            ['at', 'asked', 'of', 'status', 'why'],
            rows.map((row) => [row.createdAt, row.method, row.resource, row.status, row.detail]),
            'Nothing was asked.',
          ),
        )
      }),
    )

  addTokenCommands(directories.command('tokens').description('what an identity provider shows; at most two at a time'), io)
}

function addTokenCommands(tokens: Command, io: Io): void {
  tokens
    .command('list')
    .description('list them; never what they are')
    .argument('<directory>', 'its id')
    .option('--project <id>')
    .action(
      action<DirectoryOptions>(io, async (context, { project }, [id]) => {
        const { directories: api } = context.platform()
        const { data: rows } = await context.waitFor('Reading the tokens', api.tokens(context.projectId(project), id!))
        context.output.result(rows, () =>
          table(
            ['id', 'begins with', 'created', 'expires', 'last used'],
            rows.map((row) => [row.id, row.prefix, row.createdAt, row.expiresAt, row.lastUsedAt]),
            'No tokens: `portico directories tokens create` makes one.',
          ),
        )
      }),
    )

  tokens
    .command('create')
    .description('make one; it is printed once')
    .argument('<directory>', 'its id')
    .option('--expires-at <instant>', 'RFC 3339; never without it')
    .option('--project <id>')
    .action(
      action<DirectoryOptions>(io, async (context, { project, expiresAt }, [id]) => {
        const { directories: api } = context.platform()
        const asked = expiresAt === undefined ? {} : { expiresAt }
        const made = await context.waitFor('Making the token', api.createToken(context.projectId(project), id!, asked))
        context.output.note('Keep the token now: it cannot be shown again.\n')
        context.output.result(made, () =>
          fields([
            ['token', made.token],
            ['id', made.id],
            ['expires', made.expiresAt],
          ]),
        )
      }),
    )

  tokens
    .command('delete')
    .description('end one at once')
    .argument('<directory>', 'its id')
    .argument('<token>', 'its id')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<DirectoryOptions>(io, async (context, { project, yes }, [id, token]) => {
        if (!yes) await confirm(context.io, `Delete the token ${token}? The identity provider that shows it is refused.`, token!)
        await context.waitFor('Deleting the token', context.platform().directories.deleteToken(context.projectId(project), id!, token!))
        context.output.result({ id: token, deleted: true }, () => `Deleted ${token}.`)
      }),
    )
}

function withRoles(command: Command): Command {
  return command
    .option('--group-roles <pairs>', 'group=role: the first one whose group somebody is in gives their role', words)
    .option('--fallback-role <role>', 'of people in none of these groups')
    .option('--project <id>')
}

function rolesOf({ groupRoles, fallbackRole }: DirectoryOptions) {
  const pairs = groupRoles?.map((pair) => {
    const at = pair.lastIndexOf('=')
    if (at < 1) throw new CliError('usage', `${pair} is not of the form group=role.`)
    return { group: pair.slice(0, at), role: pair.slice(at + 1) }
  })
  return { ...(pairs && { groupRoles: pairs }), ...(fallbackRole !== undefined && { fallbackRole }) }
}

function describe(directory: Directory): string {
  return fields([
    ['id', directory.id],
    ['name', directory.name],
    ['organization', directory.organizationId],
    ['scim url', directory.scimUrl],
    ['groups', directory.groupRoles.map(({ group, role }) => `${group}=${role}`)],
    ['fallback role', directory.fallbackRole],
    ['last used', directory.lastUsedAt],
  ])
}
