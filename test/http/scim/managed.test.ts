import { randomUUID } from 'node:crypto'
import { MovableClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../../support/data-plane.js'
import { startOidcServer } from '../../support/oidc-server.js'
import { PASSWORD, proofKey, startSignInFixture, unique } from '../../support/sign-in-fixture.js'
import {
  leaveEverything, mint, mintChallenge, NEW_PASSWORD, PROVIDER, SITE, stillWorks, THINGS, type Left, type Stage,
} from '../ownership/stranger.js'
import { digestToken, newUser, patch, scimClient, type Scim } from './scim-client.js'

const clock = new MovableClock()
let stage: Stage
let scim: Scim
let organization: string
beforeAll(async () => {
  const fixture = await startSignInFixture({ clock })
  const { id, uuid, base } = await fixture.project(['email', 'magic_link', 'email_otp', PROVIDER], {
    mfa: 'optional', site_url: SITE, organizations: 'managed',
  })
  const idp = await startOidcServer([`${base}/oauth/${PROVIDER}/callback`])
  stage = { fixture, idp, id, uuid, base }
  const { clientId: client_id, clientSecret: client_secret, issuer } = idp
  const put = await operate('PUT', `auth/providers/${PROVIDER}`, { client_id, client_secret, issuer })
  expect(put.status).toBe(200)
  organization = (await operate('POST', 'organizations', { name: 'Acme' })).body.data.id
  const directory = (await operate('POST', 'directories', { name: 'Entra', organization_id: organization })).body.data.id
  scim = scimClient(base, (await operate('POST', `directories/${directory}/tokens`, {})).body.data.token)
  // Whoever has an account at this domain may become one of the directory.
  await fixture.owner.query(
    `insert into auth.email_domain (project_id, id, organization_id, domain, verification_token, verified_at, created_at)
      values ($1, gen_random_uuid(), $2, 'example.com', 'x', now(), now())`,
    [uuid, organization],
  )
})
afterAll(async () => {
  await stage?.idp.close()
  await stage?.fixture.close()
})

const operate = (method: string, path: string, body?: unknown) => stage.fixture.control.call(method, `projects/${stage.id}/${path}`, body)
const post = (path: string, body: unknown, token?: string) => call(`${stage.base}/${path}`, { body, ...(token === undefined ? {} : { token }) })
const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code

/** Of a proven address, with everything on the account that there is, and now one of the directory. */
async function managed(): Promise<Left> {
  const left = await leaveEverything(stage, { proven: true })
  const made = await scim('POST', '/Users', newUser(left.email))
  expect([made.status, made.body.id]).toEqual([201, left.userId])
  return left
}

describe('whom a directory has disabled', () => {
  test('nothing that they held opens the account, each tried on its own', async () => {
    const left = await managed()
    const off = await scim('PATCH', `/Users/${left.userId}`, patch({ op: 'replace', path: 'active', value: false }))
    expect(off.status).toBe(200)
    // What stays on the account (a passkey, a factor) is there when they come back; it opens nothing meanwhile.
    const opens = Object.keys(THINGS).filter((thing) => thing !== 'second factor' && thing !== 'recovery codes')
    expect(await stillWorks(stage, left, opens)).toEqual([])
    const back = await scim('PATCH', `/Users/${left.userId}`, patch({ op: 'replace', path: 'active', value: true }))
    expect(back.status).toBe(200)
    expect(await stillWorks(stage, left, ['passkey'])).toEqual(['passkey'])
  })

  /** As if mailed, or begun at a provider, after the account was closed. */
  test.each<[string, (left: Left) => ReturnType<typeof call>]>([
    ['a password', ({ email }) => post('login', { email, password: PASSWORD })],
    ['a mailed link', async ({ email }) => post('magic-link/confirm', { token: (await mintChallenge(stage, 'sign_in', email)).token })],
    ['a mailed code', async ({ email }) => post('email/verify', { email, code: (await mintChallenge(stage, 'sign_in', email)).code })],
    ['a reset', async ({ userId, email }) =>
      post('password-reset/confirm', { token: await mint(stage, userId, 'password_reset', { email }), password: NEW_PASSWORD })],
    ['a recovery mail', async ({ userId, email }) =>
      post('recovery/confirm', { token: await mint(stage, userId, 'account_recovery', { email }) })],
    ['an invitation', async ({ userId, email }) =>
      post('invitation/accept', { token: await mint(stage, userId, 'invitation', { email }), password: NEW_PASSWORD })],
    ['a confirmation', async ({ userId, email }) =>
      post('email/confirm', { token: await mint(stage, userId, 'email_confirm', { email }) })],
    ['another sign-up', ({ email }) => post('signup', { email, password: NEW_PASSWORD })],
    ['an undone change', async ({ userId, email }) =>
      post('email/change/undo', {
        token: await mint(stage, userId, 'email_change_undo', { old_address: unique('old'), new_address: email }),
      })],
    ['the code of a provider', async ({ userId }) => {
      const key = proofKey()
      const exchange = randomUUID()
      await stage.fixture.owner.query(
        `insert into auth.exchange_code (project_id, digest, end_user_id, purpose, amr, code_challenge, created_at, expires_at)
          values ($1, $2, $3, 'sign_in', '{fed}', $4, now(), now() + interval '1 minute')`,
        [stage.uuid, digestToken(exchange), userId, key.challenge],
      )
      return post('token/exchange', { code: exchange, code_verifier: key.verifier })
    }],
  ])('is not let in by %s', async (_way, attempt) => {
    const email = unique('managed')
    const { id } = (await scim('POST', '/Users', newUser(email, { active: false }))).body
    const answer = await attempt({ email, userId: id } as Left)
    expect([answer.status >= 400, answer.body?.access_token, answer.body?.mfa_token]).toEqual([true, undefined, undefined])
    const [row] = await stage.fixture.owner.query<{ off: boolean; sessions: number }>(
      `select disabled_at is not null as off, (select count(*)::int from auth.session s where s.end_user_id = u.id) as sessions
        from auth.end_user u where id = $1`,
      [id],
    )
    expect(row).toEqual({ off: true, sessions: 0 })
  })
})

describe('whom a directory has deleted', () => {
  const exists = async (id: string) => (await operate('GET', `users/${id}`)).status === 200
  const sweep = () => stage.fixture.owner.query('select auth.sweep_directories($1, 100)', [clock.now()])
  const deleted = async () => {
    const { id } = (await scim('POST', '/Users', newUser(unique('leaving')))).body
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204)
    return id as string
  }
  const rule = async (days: number | null) => {
    expect((await operate('PATCH', 'auth', { directory_delete_after_days: days })).status).toBe(200)
    // The data plane hears of it within a moment: until then a deletion follows the rule from before.
    await expect.poll(async () => {
      const id = await deleted()
      const [row] = await stage.fixture.owner.query<{ due: boolean }>(
        'select purge_at is not null as due from auth.directory_user where end_user_id = $1', [id])
      return row === undefined ? 0 : row.due ? days : null
    }, { timeout: 5_000 }).toBe(days)
  }

  test('their account is deleted after the days of the project, not before, and stays where the project says so', async () => {
    const kept = await deleted()
    await rule(7)
    const [leaving, back] = [await deleted(), await deleted()]
    const { email } = (await operate('GET', `users/${back}`)).body.data
    clock.advanceSeconds(7 * 86_400 - 60)
    await sweep()
    expect([await exists(leaving), await exists(back)]).toEqual([true, true])
    expect((await scim('POST', '/Users', newUser(email))).body.id).toBe(back)
    clock.advanceSeconds(120)
    await sweep()
    expect([await exists(leaving), await exists(back), await exists(kept)]).toEqual([false, true, true])
    clock.advanceSeconds(-7 * 86_400 - 60)
    await rule(0)
    expect(await exists(await deleted())).toBe(false)
  })
})

describe('mails to people of a directory', () => {
  const skipped = async (address: string) => {
    const rows = await stage.fixture.owner.query<{ kind: string; reason: string | null }>(
      `select kind, last_error as reason from auth.outbox where project_id = $1 and status = 'skipped'
        and (payload->>'address' = $2 or payload->>'end_user_id' = (select id::text from auth.end_user where project_id = $1 and email = $2))`,
      [stage.uuid, address],
    )
    return rows.map(({ kind, reason }) => [kind, reason])
  }

  test('asked for by anybody, a link that sets a password is not sent, and the answer is that of an unknown address', async () => {
    const [email, unknown] = [unique('managed'), unique('unknown')]
    await scim('POST', '/Users', newUser(email))
    const answers = [await post('password-reset', { email }), await post('password-reset', { email: unknown })]
    expect(answers[0]!.body).toEqual(answers[1]!.body)
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const requests = answers.map(({ headers }) => headers.get('mail-request-id')).filter((id) => id !== null)
    const states = await Promise.all(requests.map((id) => call(`${stage.base}/email/status/${id}`)))
    expect(new Set(states.map(({ text }) => text)).size).toBeLessThanOrEqual(1)
    await expect.poll(() => skipped(email), { timeout: 10_000 }).toEqual([['password_reset', 'managed_by_directory']])
    expect(stage.fixture.resend.mails.filter(({ to }) => to.includes(email))).toEqual([])
  })

  test('a sign-in mail is sent: it is how they come in', async () => {
    const email = unique('managed')
    await scim('POST', '/Users', newUser(email))
    await post('magic-link', { email, redirect_to: SITE })
    await stage.fixture.resend.waitForMail(({ to }) => to.includes(email))
  })

  test('an operator is told at once', async () => {
    const email = unique('managed')
    const { id } = (await scim('POST', '/Users', newUser(email))).body
    expect(code(await operate('POST', `users/${id}/recovery`, {}))).toBe('managed_by_directory')
    for (const change of [{ email: unique('other') }, { password: NEW_PASSWORD }]) {
      expect([change, code(await operate('PATCH', `users/${id}`, change))]).toEqual([change, 'managed_by_directory'])
    }
    expect((await operate('PATCH', `users/${id}`, { app_metadata: { plan: 'pro' } })).status).toBe(200)
  })
})
