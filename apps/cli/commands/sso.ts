import type { CreateSsoConnection, SsoConnection, UpdateSsoConnection } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'
import { addBreakGlassCommands, addEmailDomainCommands } from './sso-domains.js'
import { connectionFields, withConnectionFields, type ConnectionFields } from './sso-fields.js'
import { addKeyCommands, addSetupLinkCommands, addTrialCommands } from './sso-trials.js'

interface ConnectionOptions extends ConnectionFields {
  project?: string
  organization?: string
  name?: string
  yes?: boolean
}

type NewConnectionOptions = ConnectionOptions & { protocol: 'oidc' | 'saml' }

/** Companies with an identity provider of their own (docs/sso.md). */
export function addSsoCommands(program: Command, io: Io): void {
  const sso = program.command('sso').description('single sign-on by the identity providers of companies, SAML or OpenID Connect')
  const connections = sso.command('connections').description('the identity providers')

  connections
    .command('list')
    .description('list them')
    .option('--organization <id>', 'only its own')
    .option('--project <id>')
    .action(
      action<ConnectionOptions>(io, async (context, { project, organization }) => {
        const query = organization === undefined ? {} : { organizationId: organization }
        const { data: rows } = await context.waitFor(
          'Reading connections',
          context.platform().sso.connections(context.projectId(project), query),
        )
        context.output.result(rows, () =>
          table(
            ['id', 'name', 'protocol', 'state', 'domains', 'enforced'],
            rows.map((row) => [row.id, row.name, row.protocol, row.state, row.domains, row.enforce]),
            'No connections.',
          ),
        )
      }),
    )

  withConnectionFields(connections.command('create').description('make one, a draft; its answer says what the identity provider is told'))
    .argument('<name>')
    .addOption(new Option('--protocol <kind>').choices(['oidc', 'saml']).makeOptionMandatory())
    .option('--organization <id>', 'whose people come in by it; those of the whole project without it')
    .addHelpText(
      'after',
      examples(
        'portico sso connections create "Acme Entra" --protocol oidc --issuer https://login.acme.example \\\n      --client-id portico --client-secret-stdin < secret.txt',
        'portico sso connections create "Acme Okta" --protocol saml --metadata-url https://acme.okta.example/metadata',
      ),
    )
    .action(
      action<NewConnectionOptions>(io, async (context, { project, protocol, organization, ...options }, [name]) => {
        const input: CreateSsoConnection = {
          name: name!,
          protocol,
          ...(organization !== undefined && { organizationId: organization }),
          ...(await connectionFields(context, options)),
        }
        const { sso: api } = context.platform()
        const made = await context.waitFor('Making the connection', api.createConnection(context.projectId(project), input))
        context.output.result(made, () => describe(made))
      }),
    )

  connections
    .command('show')
    .description('show one; never its secret')
    .argument('<connection>', 'its id')
    .option('--project <id>')
    .action(
      action<ConnectionOptions>(io, async (context, { project }, [id]) => {
        const { sso: api } = context.platform()
        const found = await context.waitFor('Reading the connection', api.getConnection(context.projectId(project), id!))
        context.output.result(found, () => describe(found))
      }),
    )

  withConnectionFields(connections.command('update').description('change one'))
    .argument('<connection>', 'its id')
    .option('--name <text>')
    .action(
      action<ConnectionOptions>(io, async (context, { project, name, ...options }, [id]) => {
        const change: UpdateSsoConnection = { ...(name !== undefined && { name }), ...(await connectionFields(context, options)) }
        if (Object.keys(change).length === 0) throw new CliError('usage', 'Say what to change.')
        await changed(context, project, id!, change)
      }),
    )

  connections
    .command('activate')
    .description('lead people of its domains there from now on')
    .argument('<connection>', 'its id')
    .option('--project <id>')
    .action(action<ConnectionOptions>(io, (context, { project }, [id]) => changed(context, project, id!, { state: 'active' })))

  connections
    .command('delete')
    .description('end it; the accounts of its people stay')
    .argument('<connection>', 'its id')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<ConnectionOptions>(io, async (context, { project, yes }, [id]) => {
        if (!yes) await confirm(context.io, `Delete the connection ${id}? The accounts of its people stay.`, id!)
        await context.waitFor('Deleting the connection', context.platform().sso.deleteConnection(context.projectId(project), id!))
        context.output.result({ id, deleted: true }, () => `Deleted ${id}.`)
      }),
    )

  addTrialCommands(connections, io)
  addKeyCommands(sso.command('keys').description('our own keys for the identity provider of a SAML connection'), io)
  addSetupLinkCommands(sso.command('setup-links').description('links by which the administrator of a company sets its connection up'), io)
  addEmailDomainCommands(sso.command('domains').description('mail domains, by which people are led to their connection'), io)
  addBreakGlassCommands(sso.command('break-glass').description('who comes in without the identity provider when that is away'), io)
}

async function changed(context: Context, project: string | undefined, id: string, change: UpdateSsoConnection): Promise<void> {
  const { sso: api } = context.platform()
  const connection = await context.waitFor('Changing the connection', api.updateConnection(context.projectId(project), id, change))
  context.output.result(connection, () => describe(connection))
}

/** With what the identity provider is told. */
function describe(connection: SsoConnection): string {
  const { serviceProvider, oidc, saml } = connection
  return fields([
    ['id', connection.id],
    ['name', connection.name],
    ['protocol', connection.protocol],
    ['state', connection.state],
    ['identity provider', oidc?.issuer ?? saml?.entityId],
    ['organization', connection.organizationId],
    ['domains', connection.domains],
    ['enforced', connection.enforce],
    ...Object.entries(serviceProvider).map(([name, value]): [string, unknown] => [`tell it: ${name}`, value]),
  ])
}
