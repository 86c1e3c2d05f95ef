import type { Command } from 'commander'
import { action, examples, words } from '../command-action.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'

interface RoleOptions {
  project?: string
  organization?: string
  name?: string
  permissions?: string[]
  yes?: boolean
}

export function addOrganizationRoleCommands(roles: Command, io: Io): void {
  const withPlace = (command: Command) =>
    command.option('--organization <id>', 'in this organization; without it in every one of the project').option('--project <id>')

  withPlace(roles.command('list').description('list them')).action(
    action<RoleOptions>(io, async (context, { project, organization }) => {
      const { organizations: api } = context.platform()
      const query = organization === undefined ? {} : { organizationId: organization }
      const { data: rows } = await context.waitFor('Reading the roles', api.roles(context.projectId(project), query))
      context.output.result(rows, () =>
        table(
          ['key', 'name', 'organization', 'permissions'],
          rows.map((row) => [row.key, row.name, row.organizationId ?? 'every one', row.permissions]),
          'No roles.',
        ),
      )
    }),
  )

  withPlace(roles.command('set').description('make a role, or replace it').argument('<key>'))
    .requiredOption('--name <name>', 'as people read it')
    .requiredOption('--permissions <names>', 'words of your app (repeatable, or separated by commas)', words)
    .addHelpText('after', examples('portico organizations roles set billing --name Billing --permissions invoices.read,invoices.pay'))
    .action(
      action<RoleOptions>(io, async (context, { project, organization, name, permissions = [] }, [key]) => {
        const { organizations: api } = context.platform()
        const role = { name: name!, permissions }
        const place = organization === undefined ? {} : { organizationId: organization }
        const set = await context.waitFor('Setting the role', api.setRoleDefinition(context.projectId(project), key!, role, place))
        context.output.result(set, () => fields(Object.entries(set)))
      }),
    )

  withPlace(roles.command('delete').description('remove a role that nobody has').argument('<key>'))
    .option('--yes', 'do not ask')
    .action(
      action<RoleOptions>(io, async (context, { project, organization, yes }, [key]) => {
        if (!yes) await confirm(context.io, `Delete the role ${key}?`, key!)
        const { organizations: api } = context.platform()
        const place = organization === undefined ? {} : { organizationId: organization }
        await context.waitFor('Removing the role', api.removeRoleDefinition(context.projectId(project), key!, place))
        context.output.result({ key, deleted: true }, () => `Deleted the role ${key}.`)
      }),
    )
}
