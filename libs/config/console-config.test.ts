import { describe, expect, test } from 'vitest'
import { readControlPlaneConfig } from './control-plane-config.js'
import { CONSOLE_MODES } from './console-config.js'
import { ConfigError, type Environment } from './read-env.js'

const DEVELOPMENT = {
  DATABASE_URL: 'postgresql://owner:hunter2@db.internal:5432/portico',
  PORTICO_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
}
const PRODUCTION = {
  ...DEVELOPMENT,
  PORTICO_ENV: 'production',
  CONTROL_PLANE_PUBLIC_URL: 'https://control.example.com',
  DATA_PLANE_PUBLIC_URL: 'https://auth.example.com',
  TRUSTED_PROXY_HOPS: '1',
}
const MAIL = { RESEND_API_KEY: 're_x', RESEND_FROM_APP_AUTH: 'Portico <auth@example.com>' }

function problems(env: Environment): string[] {
  try {
    readControlPlaneConfig(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // What is wrong is told, and no value: it may be a secret.
    for (const value of Object.values(env)) if ((value ?? '').length > 20) expect(error.message).not.toContain(value)
    return error.problems.map(({ variable }) => variable).toSorted()
  }
}

const OIDC = {
  PORTICO_CONSOLE_OIDC_ISSUER: 'https://login.corp.example',
  PORTICO_CONSOLE_OIDC_CLIENT_ID: 'portico',
  PORTICO_CONSOLE_OIDC_CLIENT_SECRET: 'a-secret-of-the-issuer',
}
/** Each mode as it starts in production, and what it may not lack. */
const MODES: Record<(typeof CONSOLE_MODES)[number], { complete: Environment; needs: string[] }> = {
  open: { complete: { PORTICO_CONSOLE_OPEN_ACCEPT_RISK: '1' }, needs: [] },
  token: { complete: { PORTICO_CONSOLE_TOKEN: 'f'.repeat(32) }, needs: [] },
  password: { complete: { PORTICO_INITIAL_OWNER_EMAIL: 'ada@example.com', ...MAIL }, needs: [] },
  oidc: { complete: { ...OIDC, PORTICO_CONSOLE_OIDC_ADMIN_GROUPS: 'admins' }, needs: Object.keys(OIDC) },
}

describe.each(CONSOLE_MODES)('mode %s in production', (mode) => {
  const { complete, needs } = MODES[mode]
  const env = { ...PRODUCTION, PORTICO_CONSOLE_ACCESS: mode, ...complete }

  test('starts when it is complete', () => {
    expect(problems(env)).toEqual([])
    expect(readControlPlaneConfig(env).console.access).toBe(mode)
  })

  test('does not start without any one of what it needs, nor without all of it, and names each', () => {
    for (const name of needs) expect(problems({ ...env, [name]: '' })).toEqual([name])
    expect(problems({ ...env, ...Object.fromEntries(needs.map((name) => [name, ''])) })).toEqual(needs.toSorted())
  })
})

test.each<[string, Environment, string[]]>([
  ['open without the risk accepted', { PORTICO_CONSOLE_ACCESS: 'open' }, ['PORTICO_CONSOLE_ACCESS']],
  ['no gate', { PORTICO_CONSOLE_GATE: 'disabled' }, ['PORTICO_CONSOLE_GATE']],
  ['a mode that there is not', { PORTICO_CONSOLE_ACCESS: 'basic' }, ['PORTICO_CONSOLE_ACCESS']],
  ['a token that can be guessed', { PORTICO_CONSOLE_ACCESS: 'token', PORTICO_CONSOLE_TOKEN: 'secret' }, ['PORTICO_CONSOLE_TOKEN']],
  ['an API key as token', { PORTICO_CONSOLE_TOKEN: `msk_live_${'x'.repeat(43)}` }, ['PORTICO_CONSOLE_TOKEN']],
  ['an owner who is invited by mail, and no mail', { PORTICO_INITIAL_OWNER_EMAIL: 'ada@example.com' }, ['RESEND_API_KEY']],
  ['an owner who is no address', { PORTICO_INITIAL_OWNER_EMAIL: 'ada', ...MAIL }, ['PORTICO_INITIAL_OWNER_EMAIL']],
  ['an issuer on http', { ...OIDC, PORTICO_CONSOLE_OIDC_ISSUER: 'http://login.corp.example' }, ['PORTICO_CONSOLE_OIDC_ISSUER']],
  ['scopes without openid', { ...OIDC, PORTICO_CONSOLE_OIDC_SCOPES: 'email' }, ['PORTICO_CONSOLE_OIDC_SCOPES']],
  ['a fallback role that is none', { ...OIDC, PORTICO_CONSOLE_OIDC_FALLBACK_ROLE: 'owner' }, ['PORTICO_CONSOLE_OIDC_FALLBACK_ROLE']],
  [
    'an issuer that names no administrator, with the local login off',
    { PORTICO_CONSOLE_ACCESS: 'oidc', ...OIDC, PORTICO_CONSOLE_LOCAL_LOGIN: 'off' },
    ['PORTICO_CONSOLE_OIDC_ADMIN_GROUPS'],
  ],
  ['the demo', { PORTICO_DEMO: '1' }, ['PORTICO_DEMO']],
])('production does not start with %s', (_what, env, variables) => {
  expect(problems({ ...PRODUCTION, ...env })).toEqual(variables)
})

test('development starts with nothing set, and with the demo', () => {
  expect(problems(DEVELOPMENT)).toEqual([])
  expect(readControlPlaneConfig({ ...DEVELOPMENT, PORTICO_DEMO: '1' }).console.demo).toBe(true)
})
