import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { action, examples } from '../command-action.js'
import { CliError, EXIT, toCliError } from '../cli-error.js'
import { originOf, type Connection, type Context } from '../context.js'
import type { Io } from '../io.js'
import { shown } from '../output.js'
import { consoleAccess, mail, worker } from './doctor-installation.js'
import { LIMIT_MS, failed, ok, skipped, type Check, type Finding, type Status } from './doctor-finding.js'
import { clock, database, dns, ready, redis, resend } from './doctor-services.js'
import { upgrade } from './doctor-upgrade.js'

export function addDoctorCommand(program: Command, io: Io): void {
  program
    .command('doctor')
    .description('check configuration, services, mail, DNS and clock, and say what to do')
    .option('--upgrade', 'compare the releases that the services and this command run, and nothing else')
    .addHelpText(
      'after',
      `
Reads the same variables as the services: run it where they run, or with their env file loaded. Variables that are not
set are skipped. Values are never printed. The exit code is that of the first failed check, 0 when there is none.
${examples('portico doctor', 'node --env-file=.env "$(which portico)" doctor --json')}`,
    )
    .action(
      action<{ upgrade?: boolean }>(io, (context, options) => doctor(context, options.upgrade === true ? (program.version() ?? '') : null)),
    )
}

/** `release`: of this command, when nothing but releases is asked for. */
async function doctor(context: Context, release: string | null): Promise<void> {
  const connection = connectionOrProblem(context)
  const url = 'url' in connection ? connection.url : null
  if (release !== null) return report(context, await releases(context, connection, release))
  const { env } = context.io
  const work: [string, Promise<Finding>][] = [
    ['configuration', Promise.resolve(configuration(context, connection))],
    ['control plane', url ? controlPlane(url) : Promise.resolve(skipped('no usable address'))],
    ['api key', 'url' in connection ? apiKey(context, connection) : Promise.resolve(skipped('no usable configuration'))],
    ['data plane', dataPlane(context, connection)],
    ['worker', 'url' in connection ? worker(context, connection) : Promise.resolve(skipped('no usable configuration'))],
    ['mail', 'url' in connection ? mail(context, connection) : Promise.resolve(skipped('no usable configuration'))],
    ['console', url ? consoleAccess(url) : Promise.resolve(skipped('no usable address'))],
    ['database', database(env['DATABASE_URL'])],
    ['redis', redis(env['REDIS_URL'])],
    ['resend', resend(env)],
    ['dns', dns([url, env['CONTROL_PLANE_PUBLIC_URL'], env['DATA_PLANE_PUBLIC_URL']])],
    ['clock', url ? clock(url) : Promise.resolve(skipped('nothing to compare with'))],
  ]
  const checks = await context.waitFor(
    'Checking',
    Promise.all(
      work.map(async ([name, finding]): Promise<Check> => {
        // A check that itself breaks is a finding too, never the end of the others.
        const settled = await finding.catch((error: unknown) =>
          failed(`the check broke: ${toCliError(error).message}`, 'Please report this.'),
        )
        return { name, ...settled }
      }),
    ),
  )
  report(context, checks)
}

async function releases(context: Context, connection: Connection | { problem: CliError }, own: string): Promise<Check[]> {
  const { env } = context.io
  const workerPort = env['WORKER_PORT'] || '4200'
  const parts = {
    'control plane': 'url' in connection ? connection.url : null,
    'data plane': (await dataPlaneOf(context, connection))?.url ?? null,
    // Nobody but its own machine reaches it as a rule.
    worker: `http://${env['WORKER_HOST'] || '127.0.0.1'}:${workerPort}`,
  }
  return (await upgrade(parts, own)).map(([name, finding]) => ({ name, ...finding }))
}

function report(context: Context, checks: readonly Check[]): void {
  const width = Math.max(...checks.map(({ name }) => name.length))
  context.output.result(
    checks.map(({ name, status, message, fix }) => ({ name, status, message, fix })),
    () =>
      checks
        .map(
          ({ name, status, message, fix }) =>
            `${MARK[status]} ${name.padEnd(width)}  ${shown(message)}${fix ? `\n  ${' '.repeat(width)}  → ${fix}` : ''}`,
        )
        .join('\n'),
  )
  process.exitCode = checks.find(({ status }) => status === 'failed')?.exitCode ?? EXIT.ok
}

const MARK: Record<Status, string> = { ok: '✓', warning: '!', failed: '✗', skipped: '-' }

function connectionOrProblem(context: Context): Connection | { problem: CliError } {
  try {
    return context.connection()
  } catch (error) {
    return { problem: toCliError(error) }
  }
}

function configuration(context: Context, connection: Connection | { problem: CliError }): Finding {
  if ('problem' in connection)
    return failed(connection.problem.message, 'Repair the profile: `portico login`.', connection.problem.exitCode)
  const { env } = context.io
  const problems = [
    ...['CONTROL_PLANE_PUBLIC_URL', 'DATA_PLANE_PUBLIC_URL', 'DATABASE_URL', 'REDIS_URL', 'RESEND_BASE_URL']
      // Several hosts stand in one address, which is no URL by the letter.
      .filter((name) => env[name] && !URL.canParse(env[name].replace(/,[^/?]+/, '')))
      .map((name) => `${name} is not a URL`),
    ...['PORTICO_MASTER_KEY', 'PORTICO_MASTER_KEY_PREVIOUS']
      .filter((name) => env[name] && Buffer.from(env[name], 'base64').length !== 32)
      .map((name) => `${name} is not 32 bytes in base64`),
    ...(env['RESEND_API_KEY'] && !env['RESEND_FROM_APP_AUTH'] ? ['RESEND_API_KEY is set without RESEND_FROM_APP_AUTH'] : []),
    ...(env['PORTICO_ENV'] === 'production'
      ? ['DATABASE_URL', 'PORTICO_MASTER_KEY', 'DATA_PLANE_PUBLIC_URL']
          .filter((name) => !env[name])
          .map((name) => `${name} is needed in production`)
      : []),
  ]
  if (problems.length > 0) return failed(problems.join('; '), 'Correct these variables; the README lists each with an example.')
  if (!connection.apiKey) return failed('no API key', 'Run `portico login`, or set PORTICO_API_KEY.', EXIT.auth)
  return ok(`profile ${connection.profileName}, ${connection.url}, key from ${connection.keySource === 'profile' ? modeOf(context.store.path) : String(connection.keySource)}`)
}

function modeOf(path: string): string {
  return `${path} (mode ${(statSync(path).mode & 0o777).toString(8).padStart(4, '0')})`
}

async function controlPlane(url: string): Promise<Finding> {
  return ready(url, 'Start it (`npm start`), or correct the address: --url, PORTICO_URL or `portico login`.')
}

/** The control plane knows where apps are sent; what this machine's environment says is a guess, for when there is nobody to ask. */
async function dataPlane(context: Context, connection: Connection | { problem: CliError }): Promise<Finding> {
  const found = await dataPlaneOf(context, connection)
  return found === null ? skipped('DATA_PLANE_PUBLIC_URL is not set') : ready(found.url, found.fix)
}

async function dataPlaneOf(context: Context, connection: Connection | { problem: CliError }): Promise<{ url: string; fix: string } | null> {
  const told = 'url' in connection ? await toldAuthUrl(context, connection) : null
  if (told !== null)
    return { url: new URL(told).origin, fix: `Apps are sent to ${told}: it must answer there (DATA_PLANE_PUBLIC_URL of the services).` }
  const { env } = context.io
  const url =
    env['DATA_PLANE_PUBLIC_URL'] ||
    (env['PORTICO_ENV'] === 'production' ? '' : `http://${env['DATA_PLANE_HOST'] || '127.0.0.1'}:${env['DATA_PLANE_PORT'] || '4100'}`)
  return url ? { url: originOf(url), fix: 'Start it, or set DATA_PLANE_PUBLIC_URL to where it answers.' } : null
}

/** The `AUTH_URL` of a project, or `null` where no project says one. */
async function toldAuthUrl(context: Context, { url, apiKey: key }: Connection): Promise<string | null> {
  if (!key) return null
  const options = { maxRetries: 0, timeoutMs: LIMIT_MS }
  try {
    const { projects } = context.platformFor(url, key)
    for (const { id } of (await projects.list({ limit: 5 }, options)).data) {
      const service = await projects.auth.get(id, options).catch(() => null)
      if (service?.enabled && URL.canParse(service.authUrl ?? '')) return service.authUrl
    }
  } catch {
    return null
  }
  return null
}

async function apiKey(context: Context, { url, apiKey: key }: Connection): Promise<Finding> {
  if (!key) return skipped('no key')
  if (!/^msk_(live|test)_/.test(key)) return failed('the key does not look like one', 'Keys start with msk_live_ or msk_test_.', EXIT.auth)
  try {
    await context.platformFor(url, key).projects.list({ limit: 1 }, { maxRetries: 0, timeoutMs: LIMIT_MS })
    return ok(`${key.slice(0, 12)}… is accepted`)
  } catch (error) {
    const failure = toCliError(error, url)
    if (failure.code === 'insufficient_scope') return ok(`${key.slice(0, 12)}… is accepted, without the scope projects:read`)
    if (failure.exitCode === EXIT.auth)
      return failed(
        'the key is refused: unknown, expired or revoked',
        'Make a new one (`portico keys create`, or another operator) and `portico login`.',
        EXIT.auth,
      )
    return failed(failure.message, 'See the control plane check.', failure.exitCode)
  }
}
