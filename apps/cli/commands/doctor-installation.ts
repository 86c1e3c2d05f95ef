import { Portico, type TenantStats } from '@portico/sdk'
import { toCliError } from '../cli-error.js'
import type { Connection, Context } from '../context.js'
import { LIMIT_MS, failed, ok, skipped, warning, type Finding } from './doctor-finding.js'

/** What the control plane itself knows of the installation: asked, not guessed from this machine's environment. */
const OPTIONS = { maxRetries: 0, timeoutMs: LIMIT_MS }
/** A worker counts what happened within a second as a rule. */
const LATE_SECONDS = 120

const MEANINGS: Readonly<Record<TenantStats['attention'][number]['kind'], string>> = {
  mail_not_configured: 'no mail is sent',
  mail_given_up: 'mails were given up',
  rotation_waiting: 'a rotation of the signing secret waits',
  domain_unverified: 'a host name has no proof',
  provider_failing: 'a provider makes sign-ins fail',
  failures_rose: 'refused sign-ins rose',
}

async function stats(context: Context, { url, apiKey }: Connection): Promise<TenantStats | Finding> {
  if (!apiKey) return skipped('no key to ask with')
  try {
    return await context.platformFor(url, apiKey).stats.ofTenant({}, OPTIONS)
  } catch (error) {
    const { code } = toCliError(error, url)
    if (code === 'insufficient_scope') return skipped('the key may not see figures (stats.read)')
    return skipped('the control plane did not say')
  }
}

/** Nothing answers for the worker here, but what it leaves undone shows. */
export async function worker(context: Context, connection: Connection): Promise<Finding> {
  const told = await stats(context, connection)
  if ('status' in told) return told
  const fix = 'Start it (apps/worker), and look at its log: mails, webhooks and figures wait for it.'
  if (told.asOf === null) return failed('no worker has counted anything yet', fix)
  const seconds = Math.round((Date.now() - Date.parse(told.asOf)) / 1000)
  if (seconds > LATE_SECONDS) return failed(`the last that a worker did was ${seconds} s ago`, fix)
  return ok(`it is ${Math.max(0, seconds)} s behind`)
}

/** Mail, and whatever else of the tenant's somebody should see to. */
export async function mail(context: Context, connection: Connection): Promise<Finding> {
  const told = await stats(context, connection)
  if ('status' in told) return told
  const kinds = [...new Set(told.attention.map(({ kind }) => kind))]
  if (kinds.includes('mail_not_configured'))
    return warning('the installation sends no mail', 'Set RESEND_API_KEY or SMTP_HOST of the services, or `portico mail sender set --tenant`.')
  if (kinds.length === 0) return ok('it is sent, and nothing asks for attention')
  const where = [...new Set(told.attention.flatMap(({ projectName }) => projectName ?? []))].slice(0, 3).join(', ')
  return warning(`${kinds.map((kind) => MEANINGS[kind] ?? kind).join('; ')}${where && ` (${where})`}`, 'The home page of the console shows each.')
}

/** Needs no key. */
export async function consoleAccess(url: string): Promise<Finding> {
  try {
    const { mode, setupRequired, publicUrl } = await new Portico({ apiKey: null, baseUrl: url }).console.session(OPTIONS)
    if (setupRequired) return warning(`${publicUrl}/console has no owner yet`, 'Open it, and type the set-up code that the start has printed.')
    const loopback = /^(localhost|127\..*|\[::1\])$/.test(new URL(publicUrl).hostname)
    if (mode === 'open' && !loopback)
      return failed(`whoever reaches ${publicUrl}/console is its owner`, 'Turn sign-in on there, or set PORTICO_CONSOLE_ACCESS=password.')
    return ok(mode === 'open' ? `${publicUrl}/console is open to whoever sits at that machine` : `${publicUrl}/console asks (${mode})`)
  } catch (error) {
    const failure = toCliError(error, url)
    // An open console answers on its own machine alone.
    if (failure.code === 'forbidden') return ok('the console is open on the machine of the control plane alone')
    return skipped('the control plane did not say')
  }
}
