import { AuthError, type FieldProblem } from './auth-error.js'
import { DAY_SECONDS, MINUTE_SECONDS } from './duration.js'
import { readHttpUrl } from './http-url.js'
import { isRedirectPattern } from './redirect-url.js'

/** One limit bucket: `points` requests in `windowSeconds`. */
export interface LimitSetting {
  points: number
  windowSeconds: number
}

export const LIMIT_NAMES = [
  'login_account',
  'login_client',
  'signup_client',
  'reset_account',
  'reset_client',
  'mail_account',
  'mail_client',
  'mail_project',
  'code_account',
  'factor_account',
  'factor_client',
  'token_client',
  'oauth_client',
] as const
export type LimitName = (typeof LIMIT_NAMES)[number]

/** A project's one settings object, in canonical wire names (contract, sections 2 and 5). */
export interface ProjectSettings {
  allow_signups: boolean
  providers: string[]
  signup_mode: 'instant' | 'private'
  require_email_confirmation: boolean
  site_url: string | null
  redirect_urls: string[]
  allowed_origins: string[]
  token_algorithm: 'HS256' | 'ES256'
  /** `typ` of access tokens: `JWT`, which every library takes, or `at+jwt` (RFC 9068). */
  token_type_header: 'JWT' | 'at+jwt'
  /** `aud` of access tokens; `null`: they have none, so that no library asks for it. */
  token_audience: string | null
  access_token_ttl_seconds: number
  refresh_grace_seconds: number
  session_idle_seconds: number
  session_absolute_seconds: number | null
  max_active_sessions: number | null
  session_limit_policy: 'end_oldest' | 'refuse'
  refresh_token_transport: 'body' | 'cookie'
  password_min_length: number
  mfa: 'off' | 'optional' | 'required'
  rp_id: string | null
  /** A new password account is confirmed by the API only with its password or the mailed code; our own page always asks for one of them. */
  confirm_in_same_browser: boolean
  /** Sign-up only for invited addresses. */
  invited_only: boolean
  /** Domains of addresses that may sign up; empty: all but the blocked ones. Subdomains are included. */
  email_domains_allowed: string[]
  email_domains_blocked: string[]
  /** Refuses sign-ups from the shipped list of throw-away mail domains. */
  block_disposable_email: boolean
  captcha: { provider: 'turnstile' | 'hcaptcha'; site_key: string } | null
  limits: Record<LimitName, { points: number; window_seconds: number }>
}

const QUARTER_HOUR = 15 * MINUTE_SECONDS

export const DEFAULT_SETTINGS: ProjectSettings = {
  allow_signups: true,
  providers: ['email'],
  signup_mode: 'instant',
  require_email_confirmation: false,
  site_url: null,
  redirect_urls: [],
  allowed_origins: [],
  token_algorithm: 'HS256',
  token_type_header: 'JWT',
  token_audience: null,
  access_token_ttl_seconds: 3_600,
  refresh_grace_seconds: 30,
  session_idle_seconds: 30 * DAY_SECONDS,
  session_absolute_seconds: null,
  max_active_sessions: null,
  session_limit_policy: 'end_oldest',
  refresh_token_transport: 'body',
  password_min_length: 8,
  mfa: 'off',
  rp_id: null,
  confirm_in_same_browser: false,
  invited_only: false,
  email_domains_allowed: [],
  email_domains_blocked: [],
  block_disposable_email: false,
  captcha: null,
  limits: {
    login_account: { points: 10, window_seconds: QUARTER_HOUR },
    login_client: { points: 20, window_seconds: QUARTER_HOUR },
    signup_client: { points: 20, window_seconds: QUARTER_HOUR },
    reset_account: { points: 5, window_seconds: QUARTER_HOUR },
    reset_client: { points: 20, window_seconds: QUARTER_HOUR },
    mail_account: { points: 1, window_seconds: MINUTE_SECONDS },
    mail_client: { points: 20, window_seconds: QUARTER_HOUR },
    mail_project: { points: 10_000, window_seconds: DAY_SECONDS },
    code_account: { points: 15, window_seconds: QUARTER_HOUR },
    factor_account: { points: 5, window_seconds: QUARTER_HOUR },
    factor_client: { points: 300, window_seconds: QUARTER_HOUR },
    token_client: { points: 30, window_seconds: QUARTER_HOUR },
    oauth_client: { points: 60, window_seconds: QUARTER_HOUR },
  },
}

/** Other spellings that published clients send; one canonical name is stored and answered. */
const SYNONYMS: Record<string, keyof ProjectSettings> = {
  signup_enabled: 'allow_signups',
  allowSignups: 'allow_signups',
  provider: 'providers',
  email_confirm_required: 'require_email_confirmation',
  token_expiry_sec: 'access_token_ttl_seconds',
}

type Check = (value: unknown) => { value: unknown } | { problem: string }

const boolean: Check = (value) => (typeof value === 'boolean' ? { value } : { problem: 'must be true or false' })

const oneOf =
  (...allowed: string[]): Check =>
  (value) =>
    typeof value === 'string' && allowed.includes(value) ? { value } : { problem: `must be one of ${allowed.join(', ')}` }

const seconds =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? { value }
      : { problem: `must be a whole number from ${least} to ${most}` }

const siteUrl: Check = (value) => (readHttpUrl(value) ? { value } : { problem: 'must be an https URL (http on localhost), without credentials or fragment' })

const listOf =
  (most: number, read: (item: unknown) => string | null, problem: string): Check =>
  (value) => {
    if (!Array.isArray(value) || value.length > most) return { problem: `must be a list of at most ${most}` }
    const items = value.map(read)
    return items.every((item) => item !== null) ? { value: [...new Set(items)] } : { problem }
  }

const redirectUrls = listOf(
  100,
  (item) => (typeof item === 'string' && isRedirectPattern(item) ? item : null),
  'each must be an https URL (http on localhost), without credentials or fragment; one label may be a star, as in https://*.preview.example.com',
)

const origins = listOf(
  100,
  (item) => {
    const url = readHttpUrl(item)
    return url && url.pathname === '/' && !url.search && (item as string).replace(/\/$/, '').toLowerCase() === url.origin ? url.origin : null
  },
  'each must be an origin such as https://app.example',
)

/** Ways to sign in without an outside provider. Passkeys work in every project; naming them makes one that has nothing else. */
export const OWN_PROVIDERS = ['email', 'magic_link', 'email_otp', 'passkey'] as const
/** Outside providers with a name of their own; any other OpenID Connect issuer is `oidc:<name>`. */
export const SOCIAL_PROVIDERS = ['google', 'github', 'microsoft', 'apple', 'gitlab'] as const
const KNOWN_PROVIDERS: ReadonlySet<string> = new Set([...OWN_PROVIDERS, ...SOCIAL_PROVIDERS])
const GENERIC_PROVIDER = /^oidc:[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/

/** Whether a project may configure it with a client id and secret. */
export function isOutsideProvider(name: string): boolean {
  return (SOCIAL_PROVIDERS as readonly string[]).includes(name) || GENERIC_PROVIDER.test(name)
}

const providers: Check = (value) => {
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || list.length === 0 || list.length > 20) return { problem: 'must be a list of one or more providers' }
  return list.every((item) => typeof item === 'string' && (KNOWN_PROVIDERS.has(item) || GENERIC_PROVIDER.test(item)))
    ? { value: [...new Set(list as string[])] }
    : { problem: `each must be one of ${[...KNOWN_PROVIDERS].join(', ')} or oidc:<name>` }
}

const domainName: Check = (value) =>
  typeof value === 'string' && /^(localhost|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63})$/.test(value)
    ? { value }
    : { problem: 'must be a domain name in lower case' }

/** RFC 7519, 2: a StringOrURI. Printable ASCII, so that it can be compared character for character and fits every token. */
const audience: Check = (value) =>
  typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value) ? { value } : { problem: 'must be a name or URL of 1 to 255 characters without spaces' }

const domainNames = listOf(
  1_000,
  (item) => (typeof item === 'string' && 'value' in domainName(item.toLowerCase()) ? item.toLowerCase() : null),
  'each must be a domain name such as example.com',
)

const captcha: Check = (value) => {
  if (typeof value !== 'object' || value === null) return { problem: 'must be {provider: turnstile or hcaptcha, site_key}' }
  const { provider, site_key: siteKey, ...others } = value as Record<string, unknown>
  const known = provider === 'turnstile' || provider === 'hcaptcha'
  return known && typeof siteKey === 'string' && /^[\w.-]{1,200}$/.test(siteKey) && Object.keys(others).length === 0
    ? { value: { provider, site_key: siteKey } }
    : { problem: 'must be {provider: turnstile or hcaptcha, site_key}' }
}

const limits: Check = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'must be an object' }
  const read: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(value)) {
    if (!(LIMIT_NAMES as readonly string[]).includes(name)) return { problem: `knows only ${LIMIT_NAMES.join(', ')}` }
    if (setting === null) {
      read[name] = null
      continue
    }
    const { points, window_seconds: window, ...others } = setting as Record<string, unknown>
    if (Object.keys(others).length > 0 || 'problem' in seconds(1, 1_000_000)(points) || 'problem' in seconds(1, DAY_SECONDS)(window)) {
      return { problem: `${name} must be {points: 1 to 1000000, window_seconds: 1 to ${DAY_SECONDS}}` }
    }
    read[name] = { points, window_seconds: window }
  }
  return { value: read }
}

const CHECKS: Record<keyof ProjectSettings, Check> = {
  allow_signups: boolean,
  providers,
  signup_mode: oneOf('instant', 'private'),
  require_email_confirmation: boolean,
  site_url: siteUrl,
  redirect_urls: redirectUrls,
  allowed_origins: origins,
  token_algorithm: oneOf('HS256', 'ES256'),
  token_type_header: oneOf('JWT', 'at+jwt'),
  token_audience: audience,
  access_token_ttl_seconds: seconds(60, DAY_SECONDS),
  refresh_grace_seconds: seconds(0, 300),
  session_idle_seconds: seconds(300, 365 * DAY_SECONDS),
  session_absolute_seconds: seconds(300, 365 * DAY_SECONDS),
  max_active_sessions: seconds(1, 1_000),
  session_limit_policy: oneOf('end_oldest', 'refuse'),
  refresh_token_transport: oneOf('body', 'cookie'),
  password_min_length: seconds(8, 64),
  mfa: oneOf('off', 'optional', 'required'),
  rp_id: domainName,
  confirm_in_same_browser: boolean,
  invited_only: boolean,
  email_domains_allowed: domainNames,
  email_domains_blocked: domainNames,
  block_disposable_email: boolean,
  captcha,
  limits,
}

export type SettingsOverrides = Partial<Record<keyof ProjectSettings, unknown>>

/**
 * Reads a settings body: synonyms folded, every value checked, `null` meaning «back to the default».
 * @throws AuthError `validation_error` naming every bad field; `conflicting_settings` when two names of one setting disagree.
 */
export function readSettings(body: Record<string, unknown>): SettingsOverrides {
  const problems: FieldProblem[] = []
  const read: SettingsOverrides = {}
  const namedBy = new Map<string, string>()
  for (const [name, raw] of Object.entries(body)) {
    const canonical = Object.hasOwn(SYNONYMS, name) ? SYNONYMS[name]! : Object.hasOwn(CHECKS, name) ? (name as keyof ProjectSettings) : null
    if (canonical === null) {
      problems.push({ field: name, code: 'unknown_field', message: 'is not a known setting' })
      continue
    }
    let value: unknown = null
    if (raw !== null) {
      const checked = CHECKS[canonical](raw)
      if ('problem' in checked) {
        problems.push({ field: name, code: 'invalid', message: checked.problem })
        continue
      }
      value = checked.value
    }
    const earlier = namedBy.get(canonical)
    if (earlier !== undefined && JSON.stringify(read[canonical]) !== JSON.stringify(value)) {
      throw new AuthError('conflicting_settings', { details: [{ field: name, code: 'conflicts', message: `disagrees with ${earlier}` }] })
    }
    namedBy.set(canonical, name)
    read[canonical] = value
  }
  if (problems.length > 0) throw new AuthError('validation_error', { details: problems })
  return read
}

/** Merges a change into stored overrides; a `null` removes the override. */
export function mergeSettings(stored: SettingsOverrides, change: SettingsOverrides): SettingsOverrides {
  const merged: Record<string, unknown> = { ...stored }
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete merged[name]
    else if (name === 'limits') {
      const limitsMerged = { ...(merged.limits as object | undefined), ...(value as object) }
      merged.limits = Object.fromEntries(Object.entries(limitsMerged).filter(([, setting]) => setting !== null))
    } else merged[name] = value
  }
  return merged
}

/** Stored overrides over the defaults. */
export function resolveSettings(stored: SettingsOverrides): ProjectSettings {
  return { ...DEFAULT_SETTINGS, ...stored, limits: { ...DEFAULT_SETTINGS.limits, ...(stored.limits as object | undefined) } } as ProjectSettings
}
