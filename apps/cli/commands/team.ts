import type { Member, Role, UpdateMember, UpdateRole } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples, words } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'

interface MemberOptions {
  role?: string
  breakGlass?: 'yes' | 'no'
  yes?: boolean
}

interface RoleOptions {
  permissions?: string[]
  description?: string
  yes?: boolean
}

const BREAK_GLASS = new Option('--break-glass <yes|no>', 'may use password or passkey although the console asks an outside issuer').choices([
  'yes',
  'no',
])

/** Who may use the console and the API of this tenant, and what their roles allow. */
export function addTeamCommands(program: Command, io: Io): void {
  const team = program.command('team').description('who may open the console of your tenant; a member is named by id or address')

  team
    .command('list')
    .description('list the members, invited ones too')
    .action(
      action(io, async (context) => {
        const rows = await context.waitFor('Reading the team', all(context))
        context.output.result(rows, () =>
          table(
            ['id', 'email', 'role', 'state', 'break glass', 'last sign-in'],
            rows.map((row) => [row.userId, row.email, row.role, row.state, row.breakGlass, row.lastSignInAt]),
            'Nobody: `portico team invite` asks somebody in.',
          ),
        )
      }),
    )

  team
    .command('invite')
    .description('mail an invitation; a second time another one')
    .argument('<email>')
    .requiredOption('--role <name>', 'owner, admin, editor, viewer, or one of `portico team roles list`')
    .addOption(BREAK_GLASS)
    .addHelpText('after', examples('portico team invite ada@acme.example --role editor'))
    .action(
      action<MemberOptions>(io, async (context, { role, breakGlass }, [email]) => {
        const member = { email: email!, role: role!, ...(breakGlass && { breakGlass: breakGlass === 'yes' }) }
        const invited = await context.waitFor('Inviting', context.platform().team.invite(member))
        context.output.result(invited, () => describeMember(invited))
      }),
    )

  team
    .command('update')
    .description('give a member another role; it counts within a second')
    .argument('<member>')
    .option('--role <name>')
    .addOption(BREAK_GLASS)
    .addHelpText('after', examples('portico team update ada@acme.example --role admin'))
    .action(
      action<MemberOptions>(io, async (context, { role, breakGlass }, [member]) => {
        const change: UpdateMember = { ...(role !== undefined && { role }), ...(breakGlass && { breakGlass: breakGlass === 'yes' }) }
        if (Object.keys(change).length === 0) throw new CliError('usage', 'Say what to change: --role, --break-glass.')
        const id = await memberId(context, member!)
        const changed = await context.waitFor('Changing the member', context.platform().team.update(id, change))
        context.output.result(changed, () => describeMember(changed))
      }),
    )

  team
    .command('remove')
    .description('take a member out; their sessions end, the account stays')
    .argument('<member>')
    .option('--yes', 'do not ask')
    .action(
      action<MemberOptions>(io, async (context, { yes }, [member]) => {
        const id = await memberId(context, member!)
        if (!yes) await confirm(context.io, `Take ${member} out of the team?`, member!)
        await context.waitFor('Removing', context.platform().team.remove(id))
        context.output.result({ userId: id, removed: true }, () => `${member} is out.`)
      }),
    )

  addRoleCommands(team.command('roles').description('the built-in roles, and your own'), io)
}

function addRoleCommands(roles: Command, io: Io): void {
  roles
    .command('list')
    .description('list them with what they allow')
    .action(
      action(io, async (context) => {
        const { data: rows } = await context.waitFor('Reading the roles', context.platform().team.roles())
        context.output.result(rows, () =>
          table(
            ['name', 'built in', 'permissions'],
            rows.map((row) => [row.name, row.builtIn, row.permissions]),
            'No roles.',
          ),
        )
      }),
    )

  const permissions = (command: Command, flag: 'requiredOption' | 'option') =>
    command[flag]('--permissions <names>', 'such as users.read (repeatable, or separated by commas)', words)
      .option('--description <text>', 'what it is for')

  permissions(roles.command('create').description('make a role of your own').argument('<name>'), 'requiredOption')
    .addHelpText('after', examples('portico team roles create support --permissions users.read,audit.read'))
    .action(
      action<RoleOptions>(io, async (context, { permissions: list = [], description }, [name]) => {
        const input = { name: name!, permissions: list, ...(description !== undefined && { description }) }
        const role = await context.waitFor('Making the role', context.platform().team.createRole(input))
        context.output.result(role, () => describeRole(role))
      }),
    )

  permissions(roles.command('update').description('change what a role allows; it counts within a second').argument('<name>'), 'option')
    .action(
      action<RoleOptions>(io, async (context, { permissions: list, description }, [name]) => {
        const change: UpdateRole = { ...(list && { permissions: list }), ...(description !== undefined && { description }) }
        if (Object.keys(change).length === 0) throw new CliError('usage', 'Say what to change: --permissions, --description.')
        const role = await context.waitFor('Changing the role', context.platform().team.updateRole(name!, change))
        context.output.result(role, () => describeRole(role))
      }),
    )

  roles
    .command('delete')
    .description('remove a role that nobody has')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .action(
      action<RoleOptions>(io, async (context, { yes }, [name]) => {
        if (!yes) await confirm(context.io, `Delete the role ${name}?`, name!)
        await context.waitFor('Removing the role', context.platform().team.removeRole(name!))
        context.output.result({ name, deleted: true }, () => `Deleted the role ${name}.`)
      }),
    )
}

async function all(context: Context): Promise<Member[]> {
  return (await context.platform().team.members()).data
}

/** Only a whole address counts, so that a typo never hits somebody else. */
async function memberId(context: Context, given: string): Promise<string> {
  if (!given.includes('@')) return given
  const found = (await context.waitFor('Finding the member', all(context))).find(
    ({ email }) => email?.toLowerCase() === given.trim().toLowerCase(),
  )
  if (found) return found.userId
  throw new CliError('not_found', `Nobody in the team has exactly the address ${given}.`)
}

function describeMember(member: Member): string {
  return fields([
    ['id', member.userId],
    ['email', member.email],
    ['role', member.role],
    ['state', member.state],
    ['break glass', member.breakGlass],
  ])
}

function describeRole(role: Role): string {
  return fields([
    ['name', role.name],
    ['description', role.description],
    ['permissions', role.permissions],
  ])
}
