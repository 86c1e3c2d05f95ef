import { randomUUID } from 'node:crypto'
import { SETTINGS, type SettingName } from '@portico/kernel/settings/project-settings'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EFFECTS } from '../../../libs/platform/auth-service/settings-effects.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { connect, type Connection } from '../../support/sql.js'

let plane: TestControlPlane
let owner: Connection
let id: string
const project = () => id.slice(5)
beforeAll(async () => {
  plane = await startControlPlane()
  owner = await connect(plane.database.url)
  id = await makeProject(plane, { enable: { site_url: 'https://app.example', providers: ['email', 'google'] } })
  await people()
})
afterAll(async () => {
  await owner?.close()
  await plane?.stop()
})

const preview = (change: object, at = id) => plane.call('PATCH', `projects/${at}/auth?dry_run=true`, change)
const effectsOf = async (change: object) => {
  const { status, body } = await preview(change)
  expect(status).toBe(200)
  return body.data.changes.flatMap(({ effects }: { effects: { kind: string; count: number | null }[] }) =>
    effects.map(({ kind, count }) => [kind, count]),
  )
}

/**
 * Ten people: 0 to 5 have a password, 6 to 8 an identity of Google alone, 9 a passkey alone; 0 and 1 an authenticator, 2 is unconfirmed.
 * Person 0 has three sessions, one of them idle for 20 days; person 1 one that was not used for 40. An eleventh person is disabled.
 */
async function people(): Promise<void> {
  await owner.query(
    `insert into auth.provider_config (project_id, provider, client_id, secret_sealed, created_at, updated_at)
      values ($1, 'google', 'client', '\\x00', now(), now())`,
    [project()],
  )
  for (let n = 0; n <= 10; n++) {
    const user = randomUUID()
    await owner.query(
      `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, password_hash, disabled_at, created_at, updated_at)
        values ($1, $2, $3::text, $3::text, $4, $5, $6, now(), now())`,
      [project(), user, `p${n}@x.example`, n === 2 ? null : new Date(), n < 6 ? 'no hash' : null, n === 10 ? new Date() : null],
    )
    if (n >= 6 && n <= 8)
      await owner.query(
        `insert into auth.identity (project_id, provider, subject, end_user_id, created_at) values ($1, 'google', $2, $3, now())`,
        [project(), `subject ${n}`, user],
      )
    if (n === 9)
      await owner.query(
        `insert into auth.webauthn_credential (project_id, id, end_user_id, credential_id, public_key, sign_count, backup_eligible, backed_up,
          rp_id, friendly_name, discoverable, user_verified, created_at)
          values ($1, gen_random_uuid(), $2, '\\x01', '\\x02', 0, true, true, 'app.example', 'Phone', true, true, now())`,
        [project(), user],
      )
    if (n < 2)
      await owner.query(
        `insert into auth.factor (project_id, id, end_user_id, type, sealed, created_at, activated_at)
          values ($1, gen_random_uuid(), $2, 'totp', '\\x00', now(), now())`,
        [project(), user],
      )
    for (const [days, amr] of n === 0
      ? ([
          [0, '{pwd}'],
          [0, '{pwd,otp,mfa}'],
          [20, '{pwd}'],
        ] as const)
      : n === 1
        ? ([[40, '{pwd}']] as const)
        : [])
      await owner.query(
        `insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, amr)
          values ($1, gen_random_uuid(), $2, now(), now() - $3 * interval '1 day', now(), $4)`,
        [project(), user, days, amr],
      )
  }
}

describe('counts', () => {
  test.each<[object, [string, number | null][]]>([
    [
      { mfa: 'required' },
      [
        ['people_enrol', 7],
        ['sessions_without_factor', 2],
      ],
    ],
    [{ mfa: 'optional' }, [['factors_asked', 3]]],
    [{ require_email_confirmation: true }, [['people_must_confirm', 1]]],
    [{ session_idle_seconds: 10 * 86_400 }, [['sessions_end', 1]]],
    [{ session_idle_seconds: 60 * 86_400 }, [['sessions_come_back', 1]]],
    [{ max_active_sessions: 1 }, [['people_over_limit', 1]]],
    [{ max_active_sessions: 3 }, []],
    [
      { providers: ['google'] },
      [
        ['way_in_goes', 6],
        ['people_without_way_in', 6],
      ],
    ],
    [{ providers: ['email', 'google', 'magic_link'] }, [['way_in_comes', null]]],
    [
      { rp_id: 'other.example' },
      [
        ['passkeys_stranded', 1],
        ['people_without_way_in', 1],
      ],
    ],
    [{ access_token_ttl_seconds: 300 }, [['tokens_refused', 3]]],
    [{ token_algorithm: 'ES256' }, [['rotation_starts', 0]]],
    [{ allow_signups: false }, [['from_now_on', null]]],
    [{ password_min_length: 8 }, []],
    [{}, []],
  ])('%j', async (change, effects) => {
    expect(await effectsOf(change)).toEqual(effects)
  })

  test('the example of the console: how many of how many', async () => {
    const { body } = await preview({ mfa: 'required' })
    expect(body.data).toMatchObject({ dry_run: true, refused: null, counts_are: 'exact' })
    expect(body.data.changes).toEqual([
      {
        setting: 'mfa',
        from: 'off',
        to: 'required',
        effects: [
          { kind: 'people_enrol', count: 7, text: '7 of 10 people will be asked to enrol at the next sign-in.' },
          { kind: 'sessions_without_factor', count: 2, text: '2 sessions without a second factor go on until they end.' },
        ],
      },
    ])
  })
})

describe('what it would be refused with', () => {
  test('people who are locked out, unless force is sent', async () => {
    expect((await preview({ providers: ['google'] })).body.data.refused).toMatchObject({
      code: 'users_stranded',
      details: [{ field: 'providers' }],
    })
    expect((await preview({ providers: ['google'], force: true })).body.data.refused).toBeNull()
    expect((await preview({ rp_id: 'other.example' })).body.data.refused).toMatchObject({ code: 'passkeys_stranded' })
  })

  test('a rotation that is under way', async () => {
    const own = await makeProject(plane, { enable: true })
    await plane.call('POST', `projects/${own}/instances`, { name: 'waits' })
    await plane.call('POST', `projects/${own}/auth/secret/rotate`)
    expect((await preview({ token_algorithm: 'ES256' }, own)).body.data.refused).toMatchObject({ code: 'rotation_in_progress' })
  })

  test('what no change could have is refused as the change itself would be', async () => {
    expect((await preview({ mfa: 'sometimes' })).body.error.code).toBe('validation_error')
    expect((await preview({ nickname: 1 })).body.error.code).toBe('validation_error')
    expect((await preview({}, await makeProject(plane))).body.error.code).toBe('auth_not_enabled')
    expect((await plane.call('PATCH', `projects/${id}/auth?dry_run=maybe`, {})).status).toBe(422)
  })
})

/** Another value for each setting. One that is missing here has no test, and fails. */
const OTHERS: Partial<Record<SettingName, unknown>> = {
  allow_signups: false,
  mail_links: 'app',
  sign_in_gate: 'required',
  branding: { name: 'Blue Bakery' },
  providers: ['email', 'google', 'passkey'],
  signup_mode: 'private',
  require_email_confirmation: true,
  site_url: 'https://other.example',
  redirect_urls: ['https://app.example/back'],
  allowed_origins: ['https://app.example'],
  token_algorithm: 'ES256',
  token_type_header: 'at+jwt',
  token_issuer: 'main_domain',
  token_audience: 'https://api.example',
  token_claims: ['app_metadata'],
  directory_delete_after_days: 30,
  organization_roles: 'organization',
  access_token_ttl_seconds: 7_200,
  refresh_grace_seconds: 10,
  session_idle_seconds: 10 * 86_400,
  session_absolute_seconds: 86_400,
  max_active_sessions: 2,
  session_limit_policy: 'refuse',
  max_people: 50,
  max_monthly_active: 50,
  refresh_token_transport: 'cookie',
  password_min_length: 12,
  new_device_mail: true,
  leaked_password_url: 'https://leaks.example/range',
  mfa: 'required',
  rp_id: 'other.example',
  confirm_in_same_browser: true,
  relink_by_address: true,
  invited_only: true,
  email_domains_allowed: ['x.example'],
  email_domains_blocked: ['y.example'],
  block_disposable_email: true,
  default_locale: 'de',
  mail_from_name: 'Bakery',
  mail_reply_to: 'help@app.example',
  organizations: 'managed',
  limits: { signup_client: { points: 3, window_seconds: 900 } },
}

describe('every setting', () => {
  const settable = Object.entries(SETTINGS).filter(([, definition]) => !('readOnly' in definition)) as [SettingName, unknown][]

  test('has effects of its own', () => {
    expect(Object.keys(EFFECTS).toSorted()).toEqual(Object.keys(SETTINGS).toSorted())
  })

  test.each(settable)('%s says what a change does, and changes nothing', async (name) => {
    const state = () =>
      owner.query(
        `select (select row_to_json(s) from auth.service s where project_id = $1) as service,
          (select count(*) from auth.audit_event where project_id = $1) as audit,
          (select count(*) from auth.key_rotation where project_id = $1) as rotations,
          (select count(*) from auth.signing_key where project_id = $1) as keys,
          (select count(*) from auth.change where project_id = $1) as changes`,
        [project()],
      )
    const before = await state()
    const { status, body } = await preview({ [name]: OTHERS[name] })
    expect(status).toBe(200)
    expect(body.data.changes).toEqual([
      { setting: name, from: expect.toSatisfy(() => true), to: expect.toSatisfy(() => true), effects: expect.any(Array) },
    ])
    for (const { kind, text } of body.data.changes[0].effects)
      expect([kind, text]).toEqual([expect.stringMatching(/^[a-z_]+$/), expect.stringMatching(/\w.*[.`]$/)])
    // Where one of them counts nobody, nobody is told so.
    if (!['session_limit_policy', 'allowed_origins', 'redirect_urls'].includes(name))
      expect(body.data.changes[0].effects.length).toBeGreaterThan(0)
    expect(await state()).toEqual(before)
  })
})

test('a permission to read is not enough, and another tenant’s project is not there', async () => {
  const made = await plane.call('POST', 'api-keys', { name: 'reads', scopes: ['auth:read'] })
  const answer = await plane.call('PATCH', `projects/${id}/auth?dry_run=true`, { mfa: 'off' }, { key: made.body.data.key })
  expect(answer.status).toBe(403)
})
