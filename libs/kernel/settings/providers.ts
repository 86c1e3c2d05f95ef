import type { Kind } from './kinds.js'

/** Ways to sign in without an outside provider. Passkeys work in every project; naming them makes one that has nothing else. */
const OWN_PROVIDERS = ['email', 'magic_link', 'email_otp', 'passkey'] as const
/** Outside providers with a name of their own; any other OpenID Connect issuer is `oidc:<name>`. */
export const SOCIAL_PROVIDERS = ['google', 'github', 'microsoft', 'apple', 'gitlab'] as const

const KNOWN_PROVIDERS: ReadonlySet<string> = new Set([...OWN_PROVIDERS, ...SOCIAL_PROVIDERS])
const GENERIC_PROVIDER = /^oidc:[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/
const MOST = 20

/** Whether a project may configure it with a client id and secret. */
export function isOutsideProvider(name: string): boolean {
  return (SOCIAL_PROVIDERS as readonly string[]).includes(name) || GENERIC_PROVIDER.test(name)
}

/** A list; a single name is taken as a list of one. */
export const providers: Kind<string[]> = {
  check: (value) => {
    const list = typeof value === 'string' ? [value] : value
    if (!Array.isArray(list) || list.length === 0 || list.length > MOST) return { problem: 'must be a list of one or more providers' }
    return list.every((item) => typeof item === 'string' && (KNOWN_PROVIDERS.has(item) || GENERIC_PROVIDER.test(item)))
      ? { value: [...new Set(list as string[])] }
      : { problem: `each must be one of ${[...KNOWN_PROVIDERS].join(', ')} or oidc:<name>` }
  },
  schema: {
    type: 'array',
    minItems: 1,
    maxItems: MOST,
    items: { type: 'string', pattern: `^(${[...KNOWN_PROVIDERS].join('|')}|${GENERIC_PROVIDER.source.slice(1, -1)})$` },
  },
  option: 'list',
}
