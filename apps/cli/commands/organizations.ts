import type { CreateOrganization, Organization, UpdateOrganization } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples, integer } from '../command-action.js'
import type { Io } from '../io.js'
import { listAll, type ListOptions } from '../list-all.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'
import { addOrganizationPeopleCommands } from './organization-people.js'
import { addOrganizationRoleCommands } from './organization-roles.js'
import { jsonObject } from './projects.js'
import { userId } from './user-id.js'

const SORTS = ['created_at', '-created_at', 'name', '-name'] as const

interface OrganizationOptions {
  project?: string
  name?: string
  slug?: string
  logoUrl?: string
  metadata?: string
  admin?: string
  yes?: boolean
}

export function addOrganizationCommands(program: Command, io: Io): void {
  const organizations = program.command('organizations').description('the companies among the end users of a project')

  organizations
    .command('list')
    .description('list them')
    .option('--search <text>', 'a part of the name, the beginning of the slug, or a proven mail domain')
    .addOption(new Option('--sort <order>', 'with - in front, the last first').choices(SORTS).default('-created_at'))
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 10_000), 100)
    .option('--project <id>')
    .action(
      action<ListOptions & { project?: string; search?: string; sort: (typeof SORTS)[number] }>(io, async (context, options) => {
        const { project, search, sort, limit } = options
        const query = { limit: Math.min(limit, 100), sort, ...(search !== undefined && { search }) }
        const listing = context.platform().organizations.list(context.projectId(project), query)
        await listAll(context, 'Reading organizations', listing, limit, (rows) =>
          table(
            ['id', 'name', 'slug', 'created'],
            rows.map((row) => [row.id, row.name, row.slug, row.createdAt]),
            'No organizations.',
          ),
        )
      }),
    )

  organizations
    .command('show')
    .description('show one')
    .argument('<organization>', 'its id')
    .option('--project <id>')
    .action(
      action<OrganizationOptions>(io, async (context, { project }, [id]) => {
        const { organizations: api } = context.platform()
        const found = await context.waitFor('Reading the organization', api.get(context.projectId(project), id!))
        context.output.result(found, () => describe(found))
      }),
    )

  withFields(organizations.command('create').description('make one').argument('<name>'))
    .option('--admin <user>', 'id or address of the user who becomes its first admin')
    .addHelpText('after', examples('portico organizations create "Acme" --admin ada@acme.example --project proj_…'))
    .action(
      action<OrganizationOptions>(io, async (context, { project: given, admin, ...options }, [name]) => {
        const project = context.projectId(given)
        const adminId = admin === undefined ? undefined : await context.waitFor('Finding the user', userId(context, project, admin))
        const input: CreateOrganization = { ...fieldsOf(options), name: name!, ...(adminId !== undefined && { adminId }) }
        const made = await context.waitFor('Making the organization', context.platform().organizations.create(project, input))
        context.output.result(made, () => describe(made))
      }),
    )

  withFields(organizations.command('update').description('change one').argument('<organization>', 'its id'))
    .option('--name <name>')
    .action(
      action<OrganizationOptions>(io, async (context, { project, name, ...options }, [id]) => {
        const change: UpdateOrganization = { ...fieldsOf(options), ...(name !== undefined && { name }) }
        if (Object.keys(change).length === 0) throw new CliError('usage', 'Say what to change: --name, --slug, --logo-url, --metadata.')
        const { organizations: api } = context.platform()
        const changed = await context.waitFor('Changing the organization', api.update(context.projectId(project), id!, change))
        context.output.result(changed, () => describe(changed))
      }),
    )

  organizations
    .command('delete')
    .description('delete one; its people stay')
    .argument('<organization>', 'its id')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<OrganizationOptions>(io, async (context, { project, yes }, [id]) => {
        if (!yes) await confirm(context.io, `Delete the organization ${id}? Its people stay.`, id!)
        await context.waitFor('Deleting', context.platform().organizations.delete(context.projectId(project), id!))
        context.output.result({ id, deleted: true }, () => `Deleted ${id}.`)
      }),
    )

  addOrganizationPeopleCommands(organizations, io)
  addOrganizationRoleCommands(organizations.command('roles').description('what members of organizations may do'), io)
}

function withFields(command: Command): Command {
  return command
    .option('--slug <slug>', 'short name for URLs')
    .option('--logo-url <url>')
    .option('--metadata <json>', 'a JSON object of your own')
    .option('--project <id>')
}

function fieldsOf({ slug, logoUrl, metadata }: OrganizationOptions): Omit<CreateOrganization, 'name'> {
  return {
    ...(slug !== undefined && { slug }),
    ...(logoUrl !== undefined && { logoUrl }),
    ...(metadata !== undefined && { metadata: jsonObject(metadata, '--metadata') }),
  }
}

function describe(organization: Organization): string {
  return fields([
    ['id', organization.id],
    ['name', organization.name],
    ['slug', organization.slug],
    ['logo', organization.logoUrl],
    ['metadata', organization.metadata],
    ['created', organization.createdAt],
  ])
}
