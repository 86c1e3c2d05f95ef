import type { Command } from 'commander'
import { action, examples } from '../command-action.js'
import { CliError, EXIT, toCliError } from '../cli-error.js'
import { DEVELOPMENT_URL, originOf, type Context } from '../context.js'
import { loginByDevice } from '../device-login.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { readAll, readSecret } from '../read-secret.js'

interface LoginOptions {
  apiKey?: string
  apiKeyStdin?: boolean
  apiKeyPrompt?: boolean
  device?: boolean
  browser: boolean
  project?: string
}

export function addLoginCommands(program: Command, io: Io): void {
  program
    .command('login')
    .description('let this machine in through the console in a browser, or store an API key')
    .option('--device', 'print the address and the code, also without a terminal')
    .option('--no-browser', 'print the address, and open nothing')
    .option('--api-key-prompt', 'ask for an API key without showing it')
    .option('--api-key <key>', 'the key itself; others on this machine and your shell history can see it')
    .option('--api-key-stdin', 'read the key from standard input')
    .option('--project <id>', 'project to use when a command names none')
    .addHelpText(
      'after',
      `
A browser opens the console: check the code there and approve. This machine gets a key of its own with your permissions, for 90 days;
it is in the list of API keys under the name of the machine, to be revoked there.
--api-key is for throw-away machines: arguments are seen by other users and kept in the history. PORTICO_API_KEY is used when it is set.
${examples('portico login', 'portico login --api-key-stdin < key.txt', 'portico login --profile staging --url https://control.staging.example')}`,
    )
    .action(action<LoginOptions>(io, login))

  program
    .command('logout')
    .description('forget the stored key; the key itself stays valid until it is revoked')
    .action(action(io, logout))

  program.command('whoami').description('show the profile, the control plane and the key in use').action(action(io, whoami))

  const profiles = program.command('profiles').description('the stored profiles of this machine')
  profiles.command('list').description('list them').action(action(io, listProfiles))
  profiles
    .command('use')
    .description('make one the current profile')
    .argument('<name>')
    .action(
      action(io, (context, _options, [name]) => {
        context.store.use(name!)
        context.output.result({ current: name }, () => `Now using profile ${name}.`)
      }),
    )
  profiles
    .command('remove')
    .description('forget one')
    .argument('<name>')
    .action(
      action(io, (context, _options, [name]) => {
        const removed = context.store.remove(name!)
        context.output.result({ removed }, () => (removed ? `Removed profile ${name}.` : `There was no profile ${name}.`))
      }),
    )
}

async function login(context: Context, options: LoginOptions): Promise<void> {
  const { io, store, output } = context
  const name = context.profileName()
  const url = originOf(context.global.url ?? (io.env['PORTICO_URL'] || (store.get(name)?.apiUrl ?? DEVELOPMENT_URL)))
  const apiKey = (await keyFrom(context, options, url)).trim()
  if (!/^msk_(live|test)_\S+$/.test(apiKey)) {
    throw new CliError('invalid_api_key', 'That is not an API key: keys start with msk_live_ or msk_test_.', { exitCode: EXIT.auth })
  }
  await checkKey(context, url, apiKey)
  const project = options.project ?? store.get(name)?.project
  store.save(name, project === undefined ? { apiUrl: url, apiKey } : { apiUrl: url, apiKey, project })
  output.result(
    { profile: name, url, keyPrefix: apiKey.slice(0, 12), configFile: store.path },
    () => `Logged in to ${url} as profile ${name}. The key is in ${store.path}.`,
  )
}

async function keyFrom(context: Context, options: LoginOptions, url: string): Promise<string> {
  const { io, output } = context
  if (options.apiKey !== undefined && options.apiKeyStdin)
    throw new CliError('conflicting_options', 'Give the key once: --api-key or --api-key-stdin.')
  if (options.apiKey !== undefined) {
    output.note('A key given as an argument is in the process list and in the history of the shell. Prefer --api-key-stdin.')
    return options.apiKey
  }
  if (options.apiKeyStdin) return readAll(io)
  if (options.apiKeyPrompt) return readSecret(io, `API key for ${url}`)
  const fromEnv = io.env['PORTICO_API_KEY']
  if (fromEnv && !options.device) return fromEnv
  if (!io.stdin.isTTY && !options.device) throw new CliError('api_key_required', 'No terminal to ask at: use --api-key-stdin or --device, or set PORTICO_API_KEY.')
  return loginByDevice(context, url, { browser: options.browser })
}

/** A key that lacks the scope for the question is a good key all the same. */
async function checkKey(context: Context, url: string, apiKey: string): Promise<void> {
  try {
    await context.waitFor(`Asking ${url}`, context.platformFor(url, apiKey).projects.list({ limit: 1 }))
  } catch (error) {
    const failure = toCliError(error, url)
    if (failure.code !== 'insufficient_scope') throw failure
  }
}

function logout(context: Context): void {
  const name = context.profileName()
  const profile = context.store.get(name)
  const removed = context.store.remove(name)
  context.output.result({ profile: name, removed }, () =>
    removed
      ? `Logged out of ${profile?.apiUrl}. The key still works: \`portico keys revoke\` ends it.`
      : `Nothing was stored for profile ${name}.`,
  )
  if (context.io.env['PORTICO_API_KEY']) context.output.note('PORTICO_API_KEY is set and will go on being used.')
}

async function whoami(context: Context): Promise<void> {
  const { profileName, url, apiKey, keySource } = context.connection()
  if (!apiKey) throw new CliError('not_logged_in', 'No API key. Run `portico login`, or set PORTICO_API_KEY.', { exitCode: EXIT.auth })
  await checkKey(context, url, apiKey)
  const key = await ownKey(context, apiKey)
  const answer = { profile: profileName, url, keyPrefix: apiKey.slice(0, 12), keySource, key }
  context.output.result(answer, () =>
    fields([
      ['profile', profileName],
      ['control plane', url],
      ['key', `${apiKey.slice(0, 12)}… (from ${keySource === 'profile' ? 'the profile' : keySource})`],
      ...(key ? ([['key name', key.name], ['scopes', key.scopes], ['expires', key.expiresAt ?? 'never']] as [string, unknown][]) : []),
    ]),
  )
}

/** By its prefix; only a key that may list keys learns about itself. */
async function ownKey(
  context: Context,
  apiKey: string,
): Promise<{ id: string; name: string; scopes: string[]; expiresAt: string | null } | null> {
  try {
    for await (const key of context.platform().apiKeys.list({ limit: 100 })) {
      if (apiKey.startsWith(key.prefix)) return { id: key.id, name: key.name, scopes: key.scopes, expiresAt: key.expiresAt }
    }
  } catch {
    return null
  }
  return null
}

function listProfiles(context: Context): void {
  const rows = context.store.list().map(({ name, current, profile }) => ({
    name,
    current,
    url: profile.apiUrl,
    keyPrefix: profile.apiKey?.slice(0, 12) ?? null,
    project: profile.project ?? null,
  }))
  context.output.result(rows, () =>
    table(
      ['profile', 'current', 'control plane', 'key', 'project'],
      rows.map((row) => [row.name, row.current, row.url, row.keyPrefix, row.project]),
      'No profiles yet: `portico login` makes one.',
    ),
  )
}
