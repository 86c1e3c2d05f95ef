import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { hmacSha256 } from '@portico/crypto/hmac'
import { digestToken } from '@portico/crypto/token-digest'
import { digestCode } from '@portico/end-user/steps/code-digest'
import { codeAt } from '../support/authenticator-app.js'
import { testMasterKey } from '../support/postgres.js'
import type { Connection } from '../support/sql.js'
import { SHARED_PROVIDER, type SharedIssuer } from './shared-issuer.js'
import { SoftwarePasskey } from './software-passkey.js'

export const APP = 'https://app.example'
export const RP_ID = 'app.example'
/** The same account of the provider in both projects. */
const SHARED_SUBJECT = 'the same person'

/** What the newer ways in leave in somebody's hands, each good for its owner. */
export interface CapturedCredentials {
  magicLink: string
  emailCode: string
  exchangeCode: string
  exchangeVerifier: string
  /** To add an identity, and its verifier. */
  linkCode: string
  linkVerifier: string
  linkTicket: string
  /** Of the identity that the person has. */
  subject: string
  /** A browser on its way back from the provider. */
  oauthState: string
  oauthCookie: string
  oauthCode: string
  issuer: string
  /** Not active yet, and the code that activates it. */
  newFactorId: string
  newFactorCode: string
  /** An authenticator's answer to the options of a registration. */
  registration: Record<string, unknown>
}

/** Somebody with an authenticator app and a passkey. */
export interface GuardedCredentials {
  email: string
  userId: string
  accessToken: string
  factorId: string
  recoveryCode: string
  mfaToken: string
  passkeyId: string
  credentialId: string
  /** The passkey's answer to the options of a sign-in. */
  assertion: Record<string, unknown>
}

/** One request to the person's project; throws unless it is answered with `status`. */
export type Call = (
  method: string,
  path: string,
  input?: { body?: unknown; token?: string; status?: number },
) => Promise<{ body: Record<string, unknown>; headers: Record<string, string | string[] | undefined> }>

export interface SignInStage {
  call: Call
  owner: Connection
  issuer: SharedIssuer
  /** UUID. */
  projectId: string
  now: () => Date
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()

export async function captureCredentials(
  stage: SignInStage,
  person: { email: string; userId: string; accessToken: string; password: string },
): Promise<CapturedCredentials> {
  const { call, owner, issuer, projectId } = stage
  const now = stage.now()
  const soon = new Date(now.getTime() + 600_000)
  const opaque = () => randomBytes(32).toString('base64url')
  const [magicLink, exchangeCode, exchangeVerifier, linkCode, linkVerifier, flowVerifier] = [
    opaque(),
    opaque(),
    opaque(),
    opaque(),
    opaque(),
    opaque(),
  ] as const
  const emailCode = String(randomInt(1_000_000)).padStart(6, '0')
  const codeDigest = digestCode(hmacSha256(testMasterKey(), 'portico/email-code'), projectId, person.email, emailCode)
  const challenge = (verifier: string) => sha256(verifier).toString('base64url')
  // As the worker and the callback store them.
  await owner.query(
    `insert into auth.email_challenge (project_id, id, purpose, address, address_typed, link_digest, code_digest, created_at, expires_at, code_expires_at)
      values ($1, $2, 'sign_in', $3, $3, $4, $5, $6, $7, $7)`,
    [projectId, randomUUID(), person.email, digestToken(magicLink), codeDigest, now, soon],
  )
  await owner.query(
    `insert into auth.exchange_code (project_id, digest, end_user_id, purpose, amr, payload, code_challenge, created_at, expires_at)
      values ($1, $2, $3, 'sign_in', '{google}', '{}', $4, $8, $9), ($1, $5, $3, 'link', '{}', $6, $7, $8, $9)`,
    [
      projectId,
      digestToken(exchangeCode),
      person.userId,
      challenge(exchangeVerifier),
      digestToken(linkCode),
      JSON.stringify({
        provider: SHARED_PROVIDER,
        identity: { subject: `linked ${person.email}`, email: null, emailVerified: false, profile: {} },
      }),
      challenge(linkVerifier),
      now,
      soon,
    ],
  )
  const subject = `${SHARED_SUBJECT} ${person.email}`
  await owner.query(
    `insert into auth.identity (project_id, provider, subject, end_user_id, email_verified, created_at) values ($1, $2, $3, $4, false, $5)`,
    [projectId, SHARED_PROVIDER, subject, person.userId, now],
  )

  const started = await call('POST', `/identities/${SHARED_PROVIDER}/start`, {
    token: person.accessToken,
    body: { code_challenge: challenge(linkVerifier), password: person.password },
  })
  const linkTicket = new URL(started.body['url'] as string).searchParams.get('ticket') ?? ''
  const flow = await call('GET', `/oauth/${SHARED_PROVIDER}/start?${new URLSearchParams({ redirect_to: APP, code_challenge: challenge(flowVerifier), code_challenge_method: 'S256' })}`, { status: 302 })
  const request = new URL(flow.headers['location'] as string).searchParams
  const factor = await call('POST', '/factors', {
    token: person.accessToken,
    body: { type: 'totp', password: person.password },
    status: 201,
  })
  const { body: options } = await call('POST', '/webauthn/register/options', { token: person.accessToken, body: {} })
  return {
    magicLink, emailCode, exchangeCode, exchangeVerifier, linkCode, linkVerifier, linkTicket, subject,
    oauthState: request.get('state') ?? '',
    oauthCookie: String(flow.headers['set-cookie']).split(';')[0] ?? '',
    oauthCode: issuer.code({ nonce: request.get('nonce') ?? '', sub: `new ${person.email}`, email: `oidc.${person.email}` }),
    issuer: issuer.issuer,
    newFactorId: factor.body['factor_id'] as string,
    newFactorCode: codeAt(factor.body['otpauth_uri'] as string, stage.now()),
    registration: new SoftwarePasskey(RP_ID, APP).create(options['challenge'] as string),
  }
}

export async function captureGuardedCredentials(
  { call, now }: SignInStage,
  { email, password }: { email: string; password: string },
): Promise<GuardedCredentials> {
  const { user_id: userId, access_token: first } = (await call('POST', '/signup', { body: { email, password } })).body as {
    user_id: string
    access_token: string
  }
  const device = new SoftwarePasskey(RP_ID, APP)
  const { body: creation } = await call('POST', '/webauthn/register/options', { token: first, body: {} })
  const registered = (
    await call('POST', '/webauthn/register/verify', {
      token: first,
      body: { credential: device.create(creation['challenge'] as string) },
      status: 201,
    })
  ).body
  const recoveryCode = (registered['recovery_codes'] as string[])[0] ?? ''
  const token = registered['access_token'] as string
  const factor = (await call('POST', '/factors', { token, body: { type: 'totp' }, status: 201 })).body
  const factorId = factor['factor_id'] as string
  const active = (
    await call('POST', `/factors/${factorId}/verify`, { token, body: { code: codeAt(factor['otpauth_uri'] as string, now()) } })
  ).body
  const pending = (await call('POST', '/login', { body: { email, password } })).body
  const { body: options } = await call('POST', '/webauthn/authenticate/options', { body: {} })
  return {
    email, userId, factorId, recoveryCode,
    accessToken: active['access_token'] as string,
    mfaToken: pending['mfa_token'] as string,
    passkeyId: (registered['passkey'] as { id: string }).id,
    credentialId: device.id,
    assertion: device.get(options['challenge'] as string, userId),
  }
}
