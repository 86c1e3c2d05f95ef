import type { AuthProvider, AuthProviderName, Portico } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm, readSecret } from '../read-secret.js'
import { snakeCase } from '../wire.js'

interface ProjectOption {
  project?: string
}

interface SetOptions extends ProjectOption {
  clientId: string
  keepSecret?: boolean
  scopes?: string[]
  requireNonce?: 'yes' | 'no'
  [field: string]: unknown
}

/** Fields of a provider that are text, as options: the names of the HTTP API. */
const TEXTS: readonly [option: string, description: string][] = [
  ['issuer', 'oidc:<name>, or a self-managed GitLab'],
  ['tenant', 'Microsoft: common, organizations, consumers, a directory id or domain'],
  ['team-id', 'Apple'],
  ['key-id', 'Apple'],
  ['base-url', 'GitHub Enterprise Server'],
  ['token-endpoint-auth-method', 'client_secret_post, client_secret_basic or client_secret_jwt'],
  ['expected-issuer', 'what metadata and tokens must name, where it is not the issuer (Azure AD B2C)'],
  ['discovery-url', 'where the metadata are, where that is not below the issuer'],
  ['id-token-signed-response-alg', 'the one algorithm of ID tokens; HS256 signs with the client secret (LINE)'],
]
const camelCase = (name: string) => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** `portico data auth providers …`: the project's clients at Google, GitHub and the like. */
export function addAuthProviderCommands(auth: Command, io: Io): void {
  const providers = auth
    .command('providers')
    .description('clients at Google, GitHub and other providers; turn one on with: portico data auth update --providers')
  const ofProject = (command: Command) => command.option('--project <id>')

  ofProject(providers.command('list').description('every provider, configured or not, with the redirect URI to register')).action(
    action<ProjectOption>(io, async (context, options) => {
      const all = await context.waitFor('Reading providers', calls(context.platform()).list(context.projectId(options.project)))
      const rows = all.map((each) => [each.provider, each.enabled, each.configured, each.clientId, each.redirectUri])
      context.output.result(all, () => table(['provider', 'enabled', 'configured', 'client id', 'redirect uri'], rows, 'No providers.'))
    }),
  )

  const set = ofProject(
    providers
      .command('set')
      .description('store client id and secret; the secret is asked for, or read from stdin')
      .argument('<provider>', 'google, github, … or oidc:<name>'),
  )
    .requiredOption('--client-id <id>')
    .option('--keep-secret', 'leave the stored secret as it is')
    .option('--scopes <list>', 'instead of the usual ones', (value: string) => value.split(/[\s,]+/).filter((scope) => scope !== ''))
    .addOption(new Option('--require-nonce <yes|no>', 'refuse an ID token without the nonce').choices(['yes', 'no']))
  for (const [name, description] of TEXTS) set.option(`--${name} <value>`, description)
  set
    .addHelpText(
      'after',
      examples(
        'portico data auth providers set google --project proj_… --client-id … < secret.txt',
        'portico data auth providers set oidc:acme --client-id … --issuer https://login.acme.example < secret.txt',
      ),
    )
    .action(
      action<SetOptions>(io, async (context, options, [provider]) => {
        const project = context.projectId(options.project)
        const secret = options.keepSecret ? {} : { clientSecret: await readSecret(context.io, 'Client secret') }
        const texts = Object.fromEntries(
          TEXTS.map(([name]) => [camelCase(name), options[camelCase(name)]]).filter(([, value]) => value !== undefined),
        )
        const more = {
          ...(options.scopes && { scopes: options.scopes }),
          ...(options.requireNonce && { requireNonce: options.requireNonce === 'yes' }),
        }
        const client = { clientId: options.clientId, ...secret, ...texts, ...more }
        const saved = await context.waitFor(
          'Saving the provider',
          calls(context.platform()).set(project, provider as AuthProviderName, client),
        )
        context.output.result(saved, () => describe(saved))
      }),
    )

  ofProject(providers.command('test').description('ask the provider whether it knows the client').argument('<provider>')).action(
    action<ProjectOption>(io, async (context, options, [provider]) => {
      const known = await context.waitFor(
        'Asking the provider',
        calls(context.platform()).test(context.projectId(options.project), provider as AuthProviderName),
      )
      context.output.result(known, () => `${known.provider} knows the client. Issuer: ${known.issuer}`)
    }),
  )

  ofProject(
    providers
      .command('remove')
      .description('forget client id and secret; linked identities stay')
      .argument('<provider>')
      .option('--yes', 'do not ask')
      .option('--force', 'although it is the only way in of somebody'),
  ).action(
    action<ProjectOption & { yes?: boolean; force?: boolean }>(io, async (context, options, [provider]) => {
      const project = context.projectId(options.project)
      if (!options.yes)
        await confirm(
          context.io,
          `Forget the client at ${provider} for ${project}? Users cannot sign in with it until it is set again.`,
          'remove',
        )
      const removed = await context.waitFor(
        'Removing the provider',
        calls(context.platform()).remove(project, provider as AuthProviderName, options.force ? { force: true } : {}),
      )
      context.output.result(removed, () => `${provider} is not configured any more.`)
    }),
  )
}

const calls = (platform: Portico) => platform.projects.auth.providers

function describe(provider: AuthProvider): string {
  return fields(Object.entries(provider).filter(([, value]) => value !== null).map(([name, value]) => [snakeCase(name), value]))
}
