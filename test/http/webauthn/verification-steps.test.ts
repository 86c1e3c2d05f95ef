import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FLAGS, SoftwarePasskey, type Deviation } from '../../isolation/software-passkey.js'
import {
  call,
  changeTestSettings,
  createTestProject,
  openAdmin,
  PASSWORD,
  signUp,
  startDataPlane,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

const RP = 'app.example.org'
const SITE = `https://${RP}`
const { present, verified, backupEligible, backedUp, attested, extensions } = FLAGS

let database: TestDatabase
let plane: RunningDataPlane
let admin: Client
let project: TestProject
let base: string
beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await createTestProject(database, { settings: { mfa: 'optional', site_url: SITE } })
  base = plane.url + project.path
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

interface Person {
  userId: string
  token: string
  email: string
  passkey: SoftwarePasskey
}

async function person(): Promise<Person> {
  const { userId, accessToken, email } = await signUp(base)
  return { userId, token: accessToken, email, passkey: new SoftwarePasskey(RP, SITE) }
}

async function register({ passkey, token }: Person, other: Deviation = {}) {
  const { body } = await call(`${base}/webauthn/register/options`, { body: { password: PASSWORD }, token })
  return call(`${base}/webauthn/register/verify`, { body: { credential: passkey.create(body.challenge, other) }, token })
}

async function registered(other: Deviation = {}): Promise<Person> {
  const who = await person()
  const answer = await register(who, other)
  if (answer.status >= 300) throw new Error(answer.text)
  return who
}

async function signIn({ passkey, userId }: Person, other: Deviation = {}) {
  const { body } = await call(`${base}/webauthn/authenticate/options`, { body: {} })
  return call(`${base}/webauthn/authenticate/verify`, { body: { credential: passkey.get(body.challenge, userId, other) } })
}

async function secondFactor({ passkey, userId, email }: Person, other: Deviation = {}) {
  const login = await call(`${base}/login`, { body: { email, password: PASSWORD } })
  const mfaToken = login.body.mfa_token
  const { body } = await call(`${base}/webauthn/authenticate/options`, { body: { mfa_token: mfaToken } })
  return {
    offered: body,
    answer: await call(`${base}/mfa/verify`, { body: { mfa_token: mfaToken, credential: passkey.get(body.challenge, userId, other) } }),
  }
}

const passkeysOf = async (userId: string) =>
  (await admin.query('select rp_id, discoverable, user_verified, backup_eligible, backed_up, sign_count::int from auth.webauthn_credential where end_user_id = $1', [userId])).rows
const sessionsOf = async (userId: string) =>
  Number((await admin.query('select count(*) from auth.session where end_user_id = $1', [userId])).rows[0].count)

describe('7.1, registering a new credential', () => {
  const REFUSED: [string, Deviation][] = [
    ['step 7: the type is webauthn.create', { clientData: { type: 'webauthn.get' } }],
    ['step 8: the challenge is the one that was given', { clientData: { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' } }],
    ['step 9: the origin is a page of the project', { clientData: { origin: 'https://evil.example' } }],
    ['step 9: with its scheme', { clientData: { origin: `http://${RP}` } }],
    ['step 9: with its port', { clientData: { origin: `${SITE}:8443` } }],
    ['step 10: not in a frame of another origin', { clientData: { crossOrigin: true } }],
    ['step 10: nor with a crossOrigin that is no boolean', { clientData: { crossOrigin: 'false' } }],
    ['step 11: no page above it', { clientData: { topOrigin: 'https://evil.example' } }],
    ['step 14: the hash of the relying party id', { rpId: 'evil.example' }],
    ['step 15: the person is present', { flags: verified | attested }],
    ['step 17: what is not eligible for backup is not backed up', { flags: present | verified | attested | backedUp }],
    ['step 20: the algorithm is one that was asked for', { algorithm: -65_535 }],
    ['step 21: extensions are what the flags say', { flags: present | verified | attested | extensions }],
    ['step 21: nothing follows the authenticator data', { trailing: Buffer.from('00', 'hex') }],
    ['step 21: there is a credential', { flags: present | verified }],
    [
      'step 22: the format of the attestation is known',
      {
        response: {
          attestationObject: Buffer.from(
            'a363666d7464657669 6c6761747453746d74a06861757468446174614100'.replaceAll(' ', ''),
            'hex',
          ).toString('base64url'),
        },
      },
    ],
    ['step 25: a credential id of at most 1,023 bytes', { idLength: 1_024 }],
    ['the answer names the credential that was made', { answer: { id: 'AAAAAAAAAAAAAAAAAAAAAA', rawId: 'AAAAAAAAAAAAAAAAAAAAAA' } }],
    ['id and rawId are one', { answer: { rawId: 'AAAAAAAAAAAAAAAAAAAAAA' } }],
    ['the type of the credential is public-key', { answer: { type: 'password' } }],
  ]

  test.each(REFUSED)('%s', async (_step, other) => {
    const who = await person()
    const answer = await register(who, other)
    expect([answer.status, answer.body.error?.code]).toEqual([401, 'passkey_refused'])
    expect(await passkeysOf(who.userId)).toEqual([])
  })

  test('step 8: a challenge counts once, right answer or not', async () => {
    const who = await person()
    const { body } = await call(`${base}/webauthn/register/options`, { body: { password: PASSWORD }, token: who.token })
    const send = (credential: unknown) => call(`${base}/webauthn/register/verify`, { body: { credential }, token: who.token })
    expect((await send(who.passkey.create(body.challenge, { rpId: 'evil.example' }))).status).toBe(401)
    expect((await send(who.passkey.create(body.challenge))).status).toBe(401)
    expect(await passkeysOf(who.userId)).toEqual([])
  })

  test('step 26: a credential belongs to one account', async () => {
    const owner = await registered()
    const other = { ...(await person()), passkey: owner.passkey }
    expect((await register(other)).status).toBe(409)
    expect([(await passkeysOf(owner.userId)).length, (await passkeysOf(other.userId)).length]).toEqual([1, 0])
  })

  test.each<[string, Deviation, Record<string, unknown>]>([
    [
      'said to be discoverable, person verified',
      { extensions: { credProps: { rk: true } } },
      { discoverable: true, user_verified: true, backup_eligible: false },
    ],
    ['said not to be', { extensions: { credProps: { rk: false } } }, { discoverable: false, user_verified: true }],
    ['nothing said', {}, { discoverable: null, user_verified: true }],
    [
      'synced',
      { flags: present | verified | attested | backupEligible | backedUp },
      { discoverable: true, backup_eligible: true, backed_up: true },
    ],
    [
      'person not verified',
      { flags: present | attested, extensions: { credProps: { rk: true } } },
      { discoverable: true, user_verified: false },
    ],
    ['extensions that were not requested', { extensions: { credProps: { rk: 'yes' }, other: 1 } }, { discoverable: null }],
  ])('step 27: what is kept: %s', async (_what, other, kept) => {
    const who = await registered(other)
    expect(await passkeysOf(who.userId)).toEqual([expect.objectContaining({ rp_id: RP, ...kept })])
  })
})

describe('7.2, verifying an assertion', () => {
  const REFUSED: [string, Deviation][] = [
    ['step 6: the user handle is that of the owner', { response: { userHandle: 'AAAAAAAAAAAAAAAAAAAAAA' } }],
    ['step 6: and must be there when no user is named', { response: { userHandle: undefined } }],
    ['step 6: an empty one is none', { response: { userHandle: '' } }],
    ['step 5: the credential is known', { answer: { id: 'AAAAAAAAAAAAAAAAAAAAAA', rawId: 'AAAAAAAAAAAAAAAAAAAAAA' } }],
    ['step 11: the type is webauthn.get', { clientData: { type: 'webauthn.create' } }],
    ['step 12: the challenge is the one that was given', { clientData: { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' } }],
    ['step 13: the origin is a page of the project', { clientData: { origin: 'https://evil.example' } }],
    ['step 14: not in a frame of another origin', { clientData: { crossOrigin: true } }],
    ['step 15: no page above it', { clientData: { topOrigin: SITE } }],
    ['step 16: the hash of the relying party id', { rpId: 'evil.example' }],
    ['step 17: the person is present', { flags: verified }],
    ['step 18: and verified, where the passkey is all there is', { flags: present }],
    ['step 19: what is not eligible for backup is not backed up', { flags: present | verified | backedUp }],
    ['step 20: the backup eligibility is that of the registration', { flags: present | verified | backupEligible }],
    ['step 20: backed up as well', { flags: present | verified | backupEligible | backedUp }],
    ['step 21: nothing follows the authenticator data', { trailing: Buffer.from('00', 'hex') }],
    ['step 23: the signature is over these bytes', { signOver: Buffer.from('other') }],
    ['step 23: and is a signature', { response: { signature: 'AAAA' } }],
  ]

  test.each(REFUSED)('%s', async (_step, other) => {
    const who = await registered()
    const before = await sessionsOf(who.userId)
    const answer = await signIn(who, other)
    expect([answer.status, answer.body.error?.code]).toEqual([401, 'passkey_refused'])
    expect(await sessionsOf(who.userId)).toBe(before)
    expect((await signIn(who)).status).toBe(200)
  })

  test('step 20: the other way round', async () => {
    const who = await registered({ flags: present | verified | attested | backupEligible })
    expect((await signIn(who)).status).toBe(401)
    expect((await signIn(who, { flags: present | verified | backupEligible | backedUp })).status).toBe(200)
    expect(await passkeysOf(who.userId)).toEqual([expect.objectContaining({ backup_eligible: true, backed_up: true })])
  })

  test('step 12: a challenge counts once', async () => {
    const who = await registered()
    const { body } = await call(`${base}/webauthn/authenticate/options`, { body: {} })
    const credential = who.passkey.get(body.challenge, who.userId)
    expect((await call(`${base}/webauthn/authenticate/verify`, { body: { credential } })).status).toBe(200)
    expect((await call(`${base}/webauthn/authenticate/verify`, { body: { credential } })).status).toBe(401)
  })

  test('step 24: a sign count that does not grow is a copy', async () => {
    const who = await registered({ signCount: 1 })
    expect((await signIn(who, { signCount: 5 })).status).toBe(200)
    for (const signCount of [5, 4, 0]) expect((await signIn(who, { signCount })).status).toBe(401)
    expect((await signIn(who, { signCount: 6 })).status).toBe(200)
    const { rows } = await admin.query(
      `select count(*)::int from auth.audit_event where action = 'passkey.sign_count_regressed' and actor_id = $1`,
      [who.userId],
    )
    expect(rows[0].count).toBe(3)
  })

  test('step 25: signing in alone shows that it is found without a list, and that its person was verified', async () => {
    const who = await registered({ flags: present | attested })
    expect(await passkeysOf(who.userId)).toEqual([expect.objectContaining({ discoverable: null, user_verified: false })])
    await signIn(who)
    expect(await passkeysOf(who.userId)).toEqual([expect.objectContaining({ discoverable: true, user_verified: true })])
  })
})

describe('a relying party', () => {
  test.each(['https://192.0.2.7', 'https://[2001:db8::1]', 'http://127.0.0.1:3000'])('is not the address %s', async (siteUrl) => {
    const own = await createTestProject(database, { settings: { site_url: siteUrl } })
    const answer = await call(`${plane.url}${own.path}/webauthn/authenticate/options`, { body: {} })
    expect([answer.status, answer.body.error?.code]).toEqual([409, 'passkeys_not_configured'])
  })

  test('may be localhost', async () => {
    const own = await createTestProject(database, { settings: { site_url: 'http://localhost:3000' } })
    expect((await call(`${plane.url}${own.path}/webauthn/authenticate/options`, { body: {} })).body.rpId).toBe('localhost')
  })
})

describe('the last way in', () => {
  const LEFT: [string, Deviation, number][] = [
    ['a discoverable one whose person was verified', { extensions: { credProps: { rk: true } } }, 200],
    ['one that its authenticator does not find alone', { extensions: { credProps: { rk: false } } }, 409],
    ['one that never verified its person', { flags: present | attested, extensions: { credProps: { rk: true } } }, 409],
    ['one of unknown properties', {}, 409],
  ]
  test.each(LEFT)('counts %s as it can be used', async (_what, other, status) => {
    const who = await registered(other)
    const spare = { ...who, passkey: new SoftwarePasskey(RP, SITE) }
    expect((await register(spare, { extensions: { credProps: { rk: true } } })).status).toBeLessThan(300)
    await admin.query('update auth.end_user set password_hash = null where id = $1', [who.userId])
    const { body } = await call(`${base}/webauthn/credentials`, { token: who.token })
    const id = body.data.find((each: { credential_id: string }) => each.credential_id === spare.passkey.id).id
    const removed = await call(`${base}/webauthn/credentials/${id}`, {
      method: 'DELETE',
      token: (await signIn(spare)).body.access_token,
      body: {},
    })
    expect([removed.status, (await passkeysOf(who.userId)).length]).toEqual([status, status === 200 ? 1 : 2])
  })

  test('a passkey for another domain is neither a way in nor offered', async () => {
    const who = await registered({ extensions: { credProps: { rk: true } } })
    await changeTestSettings(database, project, { mfa: 'optional', site_url: 'https://new.example.org' })
    try {
      await expect.poll(async () => (await call(`${base}/webauthn/authenticate/options`, { body: {} })).body.rpId).toBe('new.example.org')
      const { offered } = await secondFactor(who)
      expect(offered.allowCredentials ?? []).toEqual([])
    } finally {
      await changeTestSettings(database, project, { mfa: 'optional', site_url: SITE })
      await expect.poll(async () => (await call(`${base}/webauthn/authenticate/options`, { body: {} })).body.rpId).toBe(RP)
    }
  })

  test('Safari: an empty user handle is none, and a second factor needs none', async () => {
    const who = await registered()
    const { offered, answer } = await secondFactor(who, { response: { userHandle: '' } })
    expect(offered.allowCredentials).toEqual([expect.objectContaining({ id: who.passkey.id })])
    expect([answer.status, answer.body.error?.code]).toEqual([200, undefined])
  })
})
