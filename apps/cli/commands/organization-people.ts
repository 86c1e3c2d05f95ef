import type { OrganizationMember } from '@portico/sdk'
import type { Command } from 'commander'
import { action, examples, integer } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { listAll, type ListOptions } from '../list-all.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'
import { userId } from './user-id.js'

interface PeopleOptions {
  project?: string
  role?: string
  redirectTo?: string
  yes?: boolean
}

/** Who is in an organization, and who was asked in. */
export function addOrganizationPeopleCommands(organizations: Command, io: Io): void {
  const about = (name: string, description: string) =>
    organizations.command(name).description(description).argument('<organization>', 'its id')
  const aboutUser = (name: string, description: string) =>
    about(name, description).argument('<user>', 'id or address').option('--project <id>')

  about('members', 'who is in it')
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 10_000), 100)
    .option('--project <id>')
    .action(
      action<ListOptions & PeopleOptions>(io, async (context, { project, limit }, [id]) => {
        const listing = context.platform().organizations.members(context.projectId(project), id!, { limit: Math.min(limit, 100) })
        await listAll(context, 'Reading the members', listing, limit, (rows) =>
          table(
            ['user', 'email', 'verified', 'role', 'since'],
            rows.map((row) => [row.userId, row.email, row.emailVerified, row.role, row.createdAt]),
            'No members.',
          ),
        )
      }),
    )

  aboutUser('add-member', 'put a user in')
    .option('--role <key>', 'member without it')
    .addHelpText('after', examples('portico organizations add-member 0190… ada@acme.example --role admin'))
    .action(
      action<PeopleOptions>(io, async (context, { project: given, role }, [id, user]) => {
        const { project, user: found } = await find(context, given, user!)
        const { organizations: api } = context.platform()
        tell(context, await context.waitFor('Adding', api.addMember(project, id!, found, role)))
      }),
    )

  aboutUser('set-role', 'give a member another role')
    .argument('<role>')
    .action(
      action<PeopleOptions>(io, async (context, { project: given }, [id, user, role]) => {
        const { project, user: found } = await find(context, given, user!)
        tell(context, await context.waitFor('Changing', context.platform().organizations.setRole(project, id!, found, role!)))
      }),
    )

  aboutUser('remove-member', 'take a member out; the account stays')
    .option('--yes', 'do not ask')
    .action(
      action<PeopleOptions>(io, async (context, { project: given, yes }, [id, user]) => {
        const { project, user: found } = await find(context, given, user!)
        if (!yes) await confirm(context.io, `Take ${user} out of ${id}?`, user!)
        await context.waitFor('Removing', context.platform().organizations.removeMember(project, id!, found))
        context.output.result({ userId: found, removed: true }, () => `${user} is out of it.`)
      }),
    )

  aboutUser('transfer', 'make a user its only admin')
    .option('--yes', 'do not ask')
    .action(
      action<PeopleOptions>(io, async (context, { project: given, yes }, [id, user]) => {
        const { project, user: found } = await find(context, given, user!)
        if (!yes) await confirm(context.io, `Make ${user} the only admin of ${id}?`, user!)
        tell(context, await context.waitFor('Transferring', context.platform().organizations.transfer(project, id!, found)))
      }),
    )

  about('invitations', 'who was asked in and has not come')
    .option('--project <id>')
    .action(
      action<PeopleOptions>(io, async (context, { project }, [id]) => {
        const { organizations: api } = context.platform()
        const { data: rows } = await context.waitFor('Reading the invitations', api.invitations(context.projectId(project), id!))
        context.output.result(rows, () =>
          table(
            ['id', 'email', 'role', 'expires'],
            rows.map((row) => [row.id, row.email, row.role, row.expiresAt]),
            'Nobody waits.',
          ),
        )
      }),
    )

  about('invite', 'mail an invitation')
    .argument('<email>')
    .option('--role <key>', 'member without it')
    .option('--redirect-to <url>', 'where the link leads; one of the redirect URLs of the project')
    .option('--project <id>')
    .action(
      action<PeopleOptions>(io, async (context, { project, role, redirectTo }, [id, email]) => {
        const { organizations: api } = context.platform()
        const invite = { email: email!, ...(role !== undefined && { role }), ...(redirectTo !== undefined && { redirectTo }) }
        const invited = await context.waitFor('Inviting', api.invite(context.projectId(project), id!, invite))
        context.output.result(invited, () => `${invited.email} is invited until ${invited.expiresAt}.`)
      }),
    )

  about('revoke', 'take an invitation back')
    .argument('<invitation>', 'its id')
    .option('--project <id>')
    .action(
      action<PeopleOptions>(io, async (context, { project }, [id, invitation]) => {
        await context.waitFor('Revoking', context.platform().organizations.revoke(context.projectId(project), id!, invitation!))
        context.output.result({ id: invitation, revoked: true }, () => `The invitation ${invitation} is void.`)
      }),
    )
}

async function find(context: Context, given: string | undefined, user: string): Promise<{ project: string; user: string }> {
  const project = context.projectId(given)
  return { project, user: await context.waitFor('Finding the user', userId(context, project, user)) }
}

function tell(context: Context, member: OrganizationMember): void {
  context.output.result(member, () =>
    fields([
      ['user', member.userId],
      ['email', member.email],
      ['role', member.role],
    ]),
  )
}
