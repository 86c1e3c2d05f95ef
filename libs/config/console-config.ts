import type { EnvReader } from './read-env.js'
import type { SharedConfig } from './shared-config.js'

export const CONSOLE_MODES = ['open', 'token', 'password', 'oidc'] as const
export type ConsoleMode = (typeof CONSOLE_MODES)[number]

export interface ConsoleOidcConfig {
  issuer: string
  clientId: string
  clientSecret: string
  scopes: string[]
  groupsClaim: string
  /** Which groups give which role; the first role of the list that fits is taken. */
  groups: { role: 'owner' | 'admin' | 'editor'; names: string[] }[]
  /** For somebody in none of them; `none`: they may not come in. */
  fallbackRole: 'admin' | 'editor' | 'viewer' | 'none'
}

export interface ConsoleConfig {
  /** `null`: what was chosen in the console, or the default of the environment. */
  access: ConsoleMode | null
  gate: 'auto' | 'required' | 'disabled'
  production: boolean
  /** Mode `open` for whoever reaches it. */
  acceptOpenRisk: boolean
  /** Mode `token`: what opens everything, beside API keys. */
  token: string | null
  oidc: ConsoleOidcConfig | null
  /** Mode `oidc`: whether `break_glass` members may use password or passkey. */
  localLogin: boolean
  initialOwnerEmail: string | null
  /** Three projects with people, events and mails. */
  demo: boolean
}


// A token opens everything, so it must not be guessable; 32 characters of `openssl rand -hex 16` are 128 bits.
const TOKEN = /^[\x21-\x7e]{32,256}$/
const ADDRESS = /^[^\s<>@]+@[^\s<>@]+$/
const OIDC = 'PORTICO_CONSOLE_OIDC_'

/** Everything that a mode needs and lacks is told at once: it must not start half. */
export function readConsoleConfig(reader: EnvReader, shared: SharedConfig, emailConfigured: boolean): ConsoleConfig {
  const production = shared.environment === 'production'
  const access = reader.isSet('PORTICO_CONSOLE_ACCESS') ? reader.oneOf('PORTICO_CONSOLE_ACCESS', CONSOLE_MODES, 'password') : null
  const acceptOpenRisk = reader.flag('PORTICO_CONSOLE_OPEN_ACCEPT_RISK')
  const gate = reader.oneOf('PORTICO_CONSOLE_GATE', ['auto', 'required', 'disabled'], 'auto')
  for (const [variable, open] of [
    ['PORTICO_CONSOLE_ACCESS', access === 'open'],
    ['PORTICO_CONSOLE_GATE', gate === 'disabled' && access === null],
  ] as const)
    if (open && production && !acceptOpenRisk)
      reader.problem(
        variable,
        'opens the console without sign-in, which production refuses: choose another mode, or set PORTICO_CONSOLE_OPEN_ACCEPT_RISK=1',
      )
  const token = reader.text('PORTICO_CONSOLE_TOKEN')
  if (token !== null && (!TOKEN.test(token) || token.startsWith('msk_')))
    reader.problem(
      'PORTICO_CONSOLE_TOKEN',
      'must be 32 to 256 visible ASCII characters, and no API key: make one with `openssl rand -hex 32`',
    )
  const localLogin = readLocalLogin(reader)
  const initialOwnerEmail = reader.text('PORTICO_INITIAL_OWNER_EMAIL')
  if (initialOwnerEmail !== null && !ADDRESS.test(initialOwnerEmail))
    reader.problem('PORTICO_INITIAL_OWNER_EMAIL', 'must be an email address')
  if (initialOwnerEmail !== null && production && !emailConfigured && (access ?? 'password') === 'password') {
    const missing =
      'is not set, but PORTICO_INITIAL_OWNER_EMAIL is invited by mail: set it, or unset that one and use the set-up code printed at start'
    reader.problem('RESEND_API_KEY', missing)
  }
  const oidc = readOidc(reader, shared, access === 'oidc')
  if (access === 'oidc' && oidc && !localLogin && initialOwnerEmail === null && !namesAdministrators(oidc))
    reader.problem(`${OIDC}ADMIN_GROUPS`, 'is not set: with PORTICO_CONSOLE_LOCAL_LOGIN=off nobody could administer the console')
  const demo = reader.flag('PORTICO_DEMO')
  if (demo && production) reader.problem('PORTICO_DEMO', 'must be off in production: it makes people and events that are not real')
  return { access, gate, production, acceptOpenRisk, token, oidc, localLogin, initialOwnerEmail, demo: demo && !production }
}

/** Whether the issuer alone can say who administers. */
export function namesAdministrators(oidc: ConsoleOidcConfig): boolean {
  return oidc.fallbackRole === 'admin' || oidc.groups.some(({ role, names }) => role !== 'editor' && names.length > 0)
}

function readLocalLogin(reader: EnvReader): boolean {
  const value = reader.oneOf('PORTICO_CONSOLE_LOCAL_LOGIN', ['on', 'off', '1', '0', 'true', 'false'], 'on')
  return value === 'on' || value === '1' || value === 'true'
}

function readOidc(reader: EnvReader, shared: SharedConfig, wanted: boolean): ConsoleOidcConfig | null {
  const needed = ['ISSUER', 'CLIENT_ID', 'CLIENT_SECRET'] as const
  if (wanted)
    for (const name of needed)
      if (!reader.isSet(OIDC + name)) reader.problem(OIDC + name, 'is not set: PORTICO_CONSOLE_ACCESS=oidc needs it')
  const issuer = reader.httpUrl(`${OIDC}ISSUER`, null)
  if (issuer?.startsWith('http:') && !shared.allowLoopbackProviders) reader.problem(`${OIDC}ISSUER`, 'must be https://')
  const config = {
    clientId: reader.text(`${OIDC}CLIENT_ID`),
    clientSecret: reader.text(`${OIDC}CLIENT_SECRET`),
    scopes: words(reader.text(`${OIDC}SCOPES`) ?? 'openid email profile', /[\s,]+/),
    groupsClaim: reader.text(`${OIDC}GROUPS_CLAIM`) ?? 'groups',
    groups: (['owner', 'admin', 'editor'] as const).map((role) => ({
      role,
      names: words(reader.text(`${OIDC}${role.toUpperCase()}_GROUPS`) ?? '', /\s*,\s*/),
    })),
    fallbackRole: reader.oneOf(`${OIDC}FALLBACK_ROLE`, ['viewer', 'editor', 'admin', 'none'], 'viewer'),
  }
  if (!config.scopes.includes('openid')) reader.problem(`${OIDC}SCOPES`, 'must contain `openid`')
  const { clientId, clientSecret } = config
  return issuer !== null && clientId !== null && clientSecret !== null ? { ...config, issuer, clientId, clientSecret } : null
}

function words(text: string, between: RegExp): string[] {
  return text.split(between).filter((word) => word !== '')
}
