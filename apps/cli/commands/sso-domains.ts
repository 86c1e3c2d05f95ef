import type { EmailDomain } from '@portico/sdk'
import type { Command } from 'commander'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'
import { userId } from './user-id.js'

interface SsoOptions {
  project?: string
  organization?: string
  yes?: boolean
}

/** Mail domains of companies: proved by a record, answered for by a connection. */
export function addEmailDomainCommands(domains: Command, io: Io): void {
  domains
    .command('list')
    .description('list them')
    .option('--organization <id>', 'only its own')
    .option('--project <id>')
    .action(
      action<SsoOptions>(io, async (context, { project, organization }) => {
        const query = organization === undefined ? {} : { organizationId: organization }
        const listing = context.platform().sso.emailDomains(context.projectId(project), query)
        const { data: rows } = await context.waitFor('Reading domains', listing)
        context.output.result(rows, () =>
          table(
            ['id', 'domain', 'organization', 'verified', 'connection'],
            rows.map((row) => [row.id, row.domain, row.organizationId, row.verifiedAt, row.connectionId]),
            'No mail domains.',
          ),
        )
      }),
    )

  domains
    .command('add')
    .description('say whose a mail domain is; the answer shows the record that proves it')
    .argument('<domain>', 'such as acme.example')
    .option('--organization <id>', 'whose it is; of the project itself without it')
    .option('--project <id>')
    .addHelpText('after', examples('portico sso domains add acme.example --organization 0190…'))
    .action(
      action<SsoOptions>(io, async (context, { project, organization }, [domain]) => {
        const input = { domain: domain!, ...(organization !== undefined && { organizationId: organization }) }
        const added = await context.waitFor('Adding', context.platform().sso.addEmailDomain(context.projectId(project), input))
        context.output.result(added, () => describe(added))
      }),
    )

  domains
    .command('verify')
    .description('look the record up now')
    .argument('<domain>', 'its id')
    .option('--project <id>')
    .action(
      action<SsoOptions>(io, async (context, { project }, [id]) => {
        const found = await context.waitFor('Looking it up', context.platform().sso.verifyEmailDomain(context.projectId(project), id!))
        context.output.result(found, () => describe(found))
      }),
    )

  domains
    .command('remove')
    .description('its people are led to no connection any more')
    .argument('<domain>', 'its id')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<SsoOptions>(io, async (context, { project, yes }, [id]) => {
        if (!yes) await confirm(context.io, `Remove the mail domain ${id}?`, id!)
        await context.waitFor('Removing', context.platform().sso.removeEmailDomain(context.projectId(project), id!))
        context.output.result({ id, removed: true }, () => `Removed ${id}.`)
      }),
    )
}

export function addBreakGlassCommands(glass: Command, io: Io): void {
  glass
    .command('list')
    .description('list them')
    .option('--project <id>')
    .action(
      action<SsoOptions>(io, async (context, { project }) => {
        const { data: rows } = await context.waitFor('Reading the list', context.platform().sso.breakGlass(context.projectId(project)))
        context.output.result(rows, () =>
          table(
            ['user', 'address', 'since'],
            rows.map((row) => [row.userId, row.email, row.createdAt]),
            'Nobody.',
          ),
        )
      }),
    )

  glass
    .command('grant')
    .description('let a person in without it')
    .argument('<user>', 'id or address')
    .option('--project <id>')
    .action(
      action<SsoOptions>(io, async (context, options, [user]) => {
        const project = context.projectId(options.project)
        const id = await userId(context, project, user!)
        const granted = await context.waitFor('Granting', context.platform().sso.grantBreakGlass(project, id))
        context.output.result(granted, () => `${granted.email} comes in without it.`)
      }),
    )

  glass
    .command('revoke')
    .description('no longer')
    .argument('<user>', 'id or address')
    .option('--project <id>')
    .action(
      action<SsoOptions>(io, async (context, options, [user]) => {
        const project = context.projectId(options.project)
        const id = await userId(context, project, user!)
        await context.waitFor('Revoking', context.platform().sso.revokeBreakGlass(project, id))
        context.output.result({ userId: id, revoked: true }, () => `${user} comes in by it alone.`)
      }),
    )
}

function describe({ verification, ...rest }: EmailDomain): string {
  const proof: [string, unknown] = ['publish', `${verification.type} ${verification.name} ${verification.value}`]
  return fields([...Object.entries(rest), ...(rest.verified ? [] : [proof])])
}
