import { DAY_SECONDS } from '../duration.js'
import { readDomainName } from '../domain-name.js'
import { readHttpUrl } from '../http-url.js'
import { isRedirectPattern } from '../redirect-url.js'

/** JSON Schema (2020-12, as OpenAPI 3.1 has it) of a setting that is not null. */
export type SettingSchema = Record<string, unknown> & { type: string }

export type Checked<T> = { value: T } | { problem: string }

/** What values of a setting look like: how one is read, described to OpenAPI and taken from a command line. */
export interface Kind<T> {
  check(value: unknown): Checked<T>
  schema: SettingSchema
  /** How a command line takes it; `null`: only as JSON. */
  option: 'yes_no' | 'choice' | 'integer' | 'duration' | 'text' | 'list' | null
}

export const yesOrNo: Kind<boolean> = {
  check: (value) => (typeof value === 'boolean' ? { value } : { problem: 'must be true or false' }),
  schema: { type: 'boolean' },
  option: 'yes_no',
}

export function oneOf<const T extends string>(...allowed: T[]): Kind<T> {
  return {
    check: (value) =>
      typeof value === 'string' && (allowed as string[]).includes(value)
        ? { value: value as T }
        : { problem: `must be one of ${allowed.join(', ')}` },
    schema: { type: 'string', enum: allowed },
    option: 'choice',
  }
}

export function integer(least: number, most: number): Kind<number> {
  return {
    check: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
        ? { value }
        : { problem: `must be a whole number from ${least} to ${most}` },
    schema: { type: 'integer', minimum: least, maximum: most },
    option: 'integer',
  }
}

/** Seconds; a command line also takes `5m`, `12h` or `30d`. */
export function seconds(least: number, most: number): Kind<number> {
  return { ...integer(least, most), option: 'duration' }
}

/** `null` is the default and means «none». */
export function orNone<T>(kind: Kind<T>): Kind<T | null> {
  return kind
}

export function text(pattern: RegExp, problem: string, schema: Record<string, unknown> = {}): Kind<string> {
  return {
    check: (value) => (typeof value === 'string' && pattern.test(value) ? { value } : { problem }),
    schema: { type: 'string', ...schema },
    option: 'text',
  }
}

/** At most `most` items, each as `read` returns it, without duplicates. */
export function listOf(
  most: number,
  read: (item: unknown) => string | null,
  problem: string,
  items: Record<string, unknown>,
): Kind<string[]> {
  return {
    check: (value) => {
      if (!Array.isArray(value) || value.length > most) return { problem: `must be a list of at most ${most}` }
      const taken = value.map(read)
      return taken.every((item) => item !== null) ? { value: [...new Set(taken)] } : { problem }
    },
    schema: { type: 'array', maxItems: most, items: { type: 'string', ...items } },
    option: 'list',
  }
}

const TOKEN_CLAIMS = ['app_metadata']

export const tokenClaims = listOf(
  TOKEN_CLAIMS.length,
  (item) => (typeof item === 'string' && TOKEN_CLAIMS.includes(item) ? item : null),
  `each must be one of ${TOKEN_CLAIMS.join(', ')}`,
  { enum: TOKEN_CLAIMS },
)

export const siteUrl: Kind<string> = {
  check: (value) =>
    readHttpUrl(value)
      ? { value: value as string }
      : { problem: 'must be an https URL (http on localhost), without credentials or fragment' },
  schema: { type: 'string', format: 'uri' },
  option: 'text',
}

/** Of a service that paths are appended to. */
export const serviceUrl: Kind<string> = {
  check: (value) => {
    const url = readHttpUrl(value)
    return url && url.search === '' && (value as string).length <= 500
      ? { value: value as string }
      : { problem: 'must be an https URL (http on localhost), without credentials, query or fragment' }
  },
  schema: { type: 'string', format: 'uri', maxLength: 500 },
  option: 'text',
}

export const redirectUrls = listOf(
  100,
  (item) => (typeof item === 'string' && isRedirectPattern(item) ? item : null),
  'each must be an https URL (http on localhost), without credentials or fragment but for a hash route, or one of an app (myapp://callback); one label may be a star, as in https://*.preview.example.com',
  { format: 'uri' },
)

export const origins = listOf(
  100,
  (item) => {
    const url = readHttpUrl(item)
    return url && url.pathname === '/' && !url.search && (item as string).replace(/\/$/, '').toLowerCase() === url.origin
      ? url.origin
      : null
  },
  'each must be an origin such as https://app.example',
  {},
)

/** Any spelling of a domain name; kept in the one form. What merely looks like one (soft hyphen, full-width letters) is refused. */
function domainOf(value: unknown): string | null {
  const domain = typeof value === 'string' ? readDomainName(value.replace(/\.$/, '')) : null
  return domain?.exact && /\.(?!\d+$)[a-z0-9-]{2,63}$/.test(domain.ascii) ? domain.ascii : null
}

export const domainName: Kind<string> = {
  check: (value) => {
    const domain = value === 'localhost' ? value : domainOf(value)
    return domain === null ? { problem: 'must be a domain name, not an IP address' } : { value: domain }
  },
  schema: { type: 'string' },
  option: 'text',
}

export const domainNames = listOf(1_000, domainOf, 'each must be a domain name such as example.com', {})

/** RFC 7519, 2: a StringOrURI. Printable ASCII, so that it can be compared character for character and fits every token. */
export const audience = text(/^[\x21-\x7e]{1,255}$/, 'must be a name or URL of 1 to 255 characters without spaces', {
  minLength: 1,
  maxLength: 255,
  pattern: String.raw`^[\x21-\x7e]+$`,
})

const CAPTCHA_PROBLEM = 'must be {provider: turnstile or hcaptcha, site_key}'

export const captcha: Kind<{ provider: 'turnstile' | 'hcaptcha'; site_key: string }> = {
  check: (value) => {
    if (typeof value !== 'object' || value === null) return { problem: CAPTCHA_PROBLEM }
    const { provider, site_key: siteKey, ...others } = value as Record<string, unknown>
    const known = provider === 'turnstile' || provider === 'hcaptcha'
    return known && typeof siteKey === 'string' && /^[\w.-]{1,200}$/.test(siteKey) && Object.keys(others).length === 0
      ? { value: captchaSetting(provider, siteKey) }
      : { problem: CAPTCHA_PROBLEM }
  },
  schema: {
    type: 'object',
    properties: { provider: { type: 'string', enum: ['turnstile', 'hcaptcha'] }, site_key: { type: 'string' } },
    required: ['provider', 'site_key'],
  },
  option: null,
}

/** The setting of a captcha as it is stored. */
export function captchaSetting(provider: 'turnstile' | 'hcaptcha', siteKey: string): { provider: typeof provider; site_key: string } {
  return { provider, site_key: siteKey }
}

/** One limit bucket: `points` requests in `window_seconds`. */
export interface Limit {
  points: number
  window_seconds: number
}

export const limit: Kind<Limit> = {
  check: (value) => {
    const problem = `must be {points: 1 to 1000000, window_seconds: 1 to ${DAY_SECONDS}}`
    if (typeof value !== 'object' || value === null) return { problem }
    const { points, window_seconds: window, ...others } = value as Record<string, unknown>
    const good =
      Object.keys(others).length === 0 &&
      'value' in integer(1, 1_000_000).check(points) &&
      'value' in integer(1, DAY_SECONDS).check(window)
    return good ? { value: { points: points as number, window_seconds: window as number } } : { problem }
  },
  schema: {
    type: 'object',
    properties: {
      points: { type: 'integer', description: 'Uses.', minimum: 1, maximum: 1_000_000 },
      window_seconds: { type: 'integer', description: 'In so many seconds.', minimum: 1, maximum: DAY_SECONDS },
    },
    required: ['points', 'window_seconds'],
  },
  option: null,
}

// No quotes, brackets or control characters: the name stands in a header before an address.
export const mailName = text(
  /^(?=.{1,100}$)(?=.*\S)[^"<>\\\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+$/u,
  'must be a name of at most 100 characters, without quotes or angle brackets',
  { maxLength: 100 },
)

export const mailAddress = text(
  /^[^\s<>@,;:"()[\]\\]{1,64}@[^\s<>@,;:"()[\]\\]{1,189}\.[^\s<>@,;:"()[\]\\.]{2,63}$/,
  'must be an email address',
  { format: 'email' },
)
