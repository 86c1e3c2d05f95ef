import type { CreateSsoConnection, SsoConnection, UpdateSsoConnection } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples, words } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm, readAll } from '../read-secret.js'
import { readText } from '../read-text.js'
import { addBreakGlassCommands, addEmailDomainCommands } from './sso-domains.js'

interface ConnectionOptions {
  project?: string
  organization?: string
  name?: string
  issuer?: string
  clientId?: string
  clientSecretStdin?: boolean
  metadataUrl?: string
  metadataFile?: string
  domains?: string[]
  state?: SsoConnection['state']
  enforce?: 'yes' | 'no'
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

  withFields(connections.command('create').description('make one, a draft; its answer says what the identity provider is told'))
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
          ...(await fieldsOf(context, options)),
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

  withFields(connections.command('update').description('change one'))
    .argument('<connection>', 'its id')
    .option('--name <text>')
    .action(
      action<ConnectionOptions>(io, async (context, { project, name, ...options }, [id]) => {
        const change: UpdateSsoConnection = { ...(name !== undefined && { name }), ...(await fieldsOf(context, options)) }
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

  addEmailDomainCommands(sso.command('domains').description('mail domains, by which people are led to their connection'), io)
  addBreakGlassCommands(sso.command('break-glass').description('who comes in without the identity provider when that is away'), io)
}

async function changed(context: Context, project: string | undefined, id: string, change: UpdateSsoConnection): Promise<void> {
  const { sso: api } = context.platform()
  const connection = await context.waitFor('Changing the connection', api.updateConnection(context.projectId(project), id, change))
  context.output.result(connection, () => describe(connection))
}

function withFields(command: Command): Command {
  return command
    .option('--issuer <url>', 'oidc')
    .option('--client-id <id>', 'oidc')
    .option('--client-secret-stdin', 'oidc: read from standard input')
    .option('--metadata-url <url>', 'saml: read now and again each day')
    .option('--metadata-file <path>', 'saml')
    .option('--domains <names>', 'proven mail domains that it answers for, all of them', words)
    .addOption(new Option('--state <state>', 'draft leads nobody there, testing who asks for it by its id').choices(['draft', 'testing', 'active']))
    .addOption(new Option('--enforce <yes|no>', 'whether people of its domains come in by it alone').choices(['yes', 'no']))
    .option('--project <id>')
}

async function fieldsOf(context: Context, options: ConnectionOptions): Promise<UpdateSsoConnection> {
  const { issuer, clientId, clientSecretStdin, metadataUrl, metadataFile, domains, state, enforce } = options
  const oidc = {
    ...(issuer !== undefined && { issuer }),
    ...(clientId !== undefined && { clientId }),
    ...(clientSecretStdin && { clientSecret: await readAll(context.io) }),
  }
  const saml = {
    ...(metadataUrl !== undefined && { metadataUrl }),
    ...(metadataFile !== undefined && { metadataXml: readText(metadataFile) }),
  }
  return {
    ...(Object.keys(oidc).length > 0 && { oidc }),
    ...(Object.keys(saml).length > 0 && { saml }),
    ...(domains && { domains }),
    ...(state && { state }),
    ...(enforce && { enforce: enforce === 'yes' }),
  }
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
