import { randomBytes, randomUUID } from 'node:crypto'
import { hmacSha256 } from '@portico/crypto/hmac'
import { digestToken } from '@portico/crypto/token-digest'
import { digestCode } from '@portico/end-user/steps/code-digest'
import { codeAt } from '../../support/authenticator-app.js'
import { BrowserClient } from '../../support/browser-client.js'
import { call, type Answer } from '../../support/data-plane.js'
import type { OidcServer } from '../../support/oidc-server.js'
import { testMasterKey } from '../../support/postgres.js'
import {
  APP_CALLBACK,
  atApp,
  PASSWORD,
  proofKey,
  signInWith,
  startUrl,
  unique,
  type ProofKey,
  type SignInFixture,
} from '../../support/sign-in-fixture.js'
import { SoftwarePasskey } from '../../isolation/software-passkey.js'

export const PROVIDER = 'oidc:acme'
export const SITE = 'https://app.example'
export const NEW_PASSWORD = 'quite another phrase 77'

export interface Stage {
  fixture: SignInFixture
  idp: OidcServer
  id: string
  uuid: string
  base: string
}

/** Everything that somebody with a session can leave on an account. */
export interface Left {
  email: string
  userId: string
  accessToken: string
  refreshToken: string
  passkey: SoftwarePasskey
  otpauthUri: string
  recoveryCodes: string[]
  subject: string
  exchange: { code: string; key: ProofKey }
  /** Bound to the account, and not yet completed. */
  link: { code: string; key: ProofKey }
  mfaToken: string
  changeToken: string
  undoToken: string
  invitationToken: string
}

/** Stores a mailed token as the worker does. */
export async function mint({ fixture, uuid }: Stage, userId: string, purpose: string, payload: Record<string, unknown>): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await fixture.owner.query(
    `insert into auth.one_time_token (project_id, digest, purpose, end_user_id, payload, created_at, expires_at)
      values ($1, $2, $3, $4, $5, now(), now() + interval '1 hour')`,
    [uuid, digestToken(token), purpose, userId, JSON.stringify(payload)],
  )
  return token
}

/** The same for a mailed sign-in link or code. */
export async function mintChallenge(
  { fixture, uuid }: Stage,
  purpose: 'sign_in' | 'email_confirm',
  email: string,
): Promise<{ token: string; code: string }> {
  const token = randomBytes(32).toString('base64url')
  const code = '123456'
  await fixture.owner.query(
    `insert into auth.email_challenge (project_id, id, purpose, address, address_typed, link_digest, code_digest, created_at, expires_at, code_expires_at)
      values ($1, $2, $3, $4, $4, $5, $6, now(), now() + interval '10 minutes', now() + interval '10 minutes')`,
    [
      uuid,
      randomUUID(),
      purpose,
      email,
      purpose === 'sign_in' ? digestToken(token) : null,
      digestCode(hmacSha256(testMasterKey(), 'portico/email-code'), uuid, email, code),
    ],
  )
  return { token, code }
}

const good = (what: string, answer: Answer): Answer => {
  if (answer.status >= 300) throw new Error(`${what}: ${answer.status} ${answer.text}`)
  return answer
}

/** Signs an address up and puts everything on the account that there is. `proven`: the address was proven before any of it. */
export async function leaveEverything(stage: Stage, { proven }: { proven: boolean }): Promise<Left> {
  const { base, idp, fixture } = stage
  const email = unique('victim')
  const { body: first } = good('signup', await call(`${base}/signup`, { body: { email, password: PASSWORD } }))
  const userId = first.user_id as string
  const token = first.access_token as string
  if (proven) await fixture.owner.query('update auth.end_user set email_verified_at = now() where id = $1', [userId])
  const subject = `stranger-${userId}`
  const identity = { sub: subject, email: unique('elsewhere') }
  const toLink = async (sub: string) => {
    idp.account = { ...identity, sub }
    const key = proofKey()
    const { url } = good(
      'link',
      await call(`${base}/identities/${PROVIDER}/start`, { token, body: { redirect_to: APP_CALLBACK, code_challenge: key.challenge } }),
    ).body
    return { key, code: (await new BrowserClient().travel(url, atApp)).searchParams.get('code') ?? '' }
  }
  const linked = await toLink(subject)
  good('complete', await call(`${base}/identities/complete`, { token, body: { code: linked.code, code_verifier: linked.key.verifier } }))
  // Each begun, none finished.
  const link = await toLink(`${subject}-second`)
  idp.account = identity
  const key = proofKey()
  const code = (await new BrowserClient().travel(startUrl(base, PROVIDER, key), atApp)).searchParams.get('code') ?? ''

  const passkey = new SoftwarePasskey('app.example', SITE)
  const { body: options } = good('passkey', await call(`${base}/webauthn/register/options`, { token, body: {} }))
  const registered = good(
    'register',
    await call(`${base}/webauthn/register/verify`, { token, body: { credential: passkey.create(options.challenge) } }),
  )
  const { body: totp } = good('totp', await call(`${base}/factors`, { token, body: { type: 'totp' } }))
  good('activate', await call(`${base}/factors/${totp.factor_id}/verify`, { token, body: { code: codeAt(totp.otpauth_uri, new Date()) } }))
  const { body: pending } = good('login', await call(`${base}/login`, { body: { email, password: PASSWORD } }))
  const wanted = unique('attacker')
  good('change', await call(`${base}/email/change`, { token, body: { email: wanted, password: PASSWORD } }))
  return {
    email,
    userId,
    accessToken: token,
    refreshToken: first.refresh_token,
    passkey,
    otpauthUri: totp.otpauth_uri,
    recoveryCodes: registered.body.recovery_codes,
    subject,
    exchange: { code, key },
    link,
    mfaToken: pending.mfa_token,
    changeToken: await mint(stage, userId, 'email_change', { email, new_address: wanted }),
    undoToken: await mint(stage, userId, 'email_change_undo', { old_address: unique('earlier'), new_address: email }),
    invitationToken: await mint(stage, userId, 'invitation', { email }),
  }
}

const rows = async ({ fixture }: Stage, table: string, userId: string) =>
  (await fixture.owner.query<{ n: number }>(`select count(*)::int as n from auth.${table} where end_user_id = $1`, [userId]))[0]!.n

/** Of each thing: whether it still opens the account, or stands between the account and its owner. Tries it as a stranger would. */
export const THINGS: Record<string, (stage: Stage, left: Left) => Promise<boolean>> = {
  session: async ({ base }, left) => (await call(`${base}/user`, { token: left.accessToken })).status === 200,
  'refresh token': async ({ base }, left) => (await call(`${base}/refresh`, { body: { refresh_token: left.refreshToken } })).status === 200,
  'exchange code': async ({ base }, { exchange }) =>
    (await call(`${base}/token/exchange`, { body: { code: exchange.code, code_verifier: exchange.key.verifier } })).status === 200,
  'half-done sign-in': async ({ base }, left) =>
    (await call(`${base}/mfa/verify`, { body: { mfa_token: left.mfaToken, code: left.recoveryCodes[0] } })).status === 200,
  'half-done link': async ({ fixture }, { link }) =>
    (await fixture.owner.query('select 1 from auth.exchange_code where digest = $1 and consumed_at is null', [digestToken(link.code)]))
      .length > 0,
  'undo link': async ({ base }, left) => (await call(`${base}/email/change/undo`, { body: { token: left.undoToken } })).status === 200,
  'pending change': async (stage, left) => {
    const shown = await stage.fixture.owner.query('select 1 from auth.end_user where id = $1 and pending_email is not null', [left.userId])
    const answer = await call(`${stage.base}/email/confirm`, {
      body: { token: left.changeToken, password: PASSWORD, factor_code: left.recoveryCodes[1] },
    })
    return shown.length > 0 || answer.body.error?.code !== 'invalid_or_expired_token'
  },
  invitation: async ({ base }, left) =>
    (await call(`${base}/invitation/accept`, { body: { token: left.invitationToken, password: 'an intruder phrase 55' } })).status === 200,
  identity: async (stage, left) => {
    stage.idp.account = { sub: left.subject, email: unique('elsewhere'), email_verified: true }
    const { session } = await signInWith(new BrowserClient(), stage.base, PROVIDER)
    return (session?.body.user_id ?? left.userId) === left.userId && session !== null
  },
  passkey: async ({ base }, left) => {
    const { body: options } = await call(`${base}/webauthn/authenticate/options`, { body: {} })
    return (
      (await call(`${base}/webauthn/authenticate/verify`, { body: { credential: left.passkey.get(options.challenge, left.userId) } }))
        .status === 200
    )
  },
  'second factor': async (stage, left) => (await rows(stage, 'factor', left.userId)) > 0,
  'recovery codes': async (stage, left) => (await rows(stage, 'recovery_code', left.userId)) > 0,
  password: async ({ base }, left) => {
    const { status } = await call(`${base}/login`, { body: { email: left.email, password: PASSWORD } })
    return status === 200
  },
}

export const BELONGS_TO_SESSIONS = ['session', 'refresh token', 'exchange code', 'half-done sign-in', 'half-done link'] as const
export const PENDING = ['pending change', 'invitation'] as const

/** Which of the things still work. */
export async function stillWorks(stage: Stage, left: Left, names: readonly string[] = Object.keys(THINGS)): Promise<string[]> {
  const found: string[] = []
  for (const name of names) if (await THINGS[name]!(stage, left)) found.push(name)
  return found
}
