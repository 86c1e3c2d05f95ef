import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { connect, type Connection } from '../../support/sql.js'

let plane: TestControlPlane
let owner: Connection
beforeAll(async () => {
  plane = await startControlPlane()
  owner = await connect(plane.database.url)
})
afterAll(async () => {
  await owner?.close()
  await plane?.stop()
})

const OLD = 'https://old.example.org'
const NEW = 'https://new.example.org'

async function addPerson(
  project: string,
  with_: {
    passkeys: string[]
    /** Whether the passkeys are discoverable, and whether they ever verified their person. */
    alone?: [boolean | null, boolean]
    password?: boolean
    identity?: string
    disabled?: boolean
  },
): Promise<void> {
  const id = randomUUID()
  await owner.query(
    `insert into auth.end_user (project_id, id, email, email_typed, password_hash, disabled_at, created_at, updated_at) values ($1, $2, $3, $3, $4, $5, now(), now())`,
    [project.slice(5), id, `${id}@example.com`, with_.password ? 'x' : null, with_.disabled ? new Date() : null],
  )
  for (const rpId of with_.passkeys) {
    await owner.query(
      `insert into auth.webauthn_credential (project_id, id, end_user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, rp_id, discoverable, user_verified, friendly_name, created_at)
        values ($1, $2, $3, $4, '\\x00', 0, false, false, $5, $6, $7, 'x', now())`,
      [project.slice(5), randomUUID(), id, Buffer.from(randomUUID()), rpId, ...(with_.alone ?? [true, true])],
    )
  }
  if (with_.identity) {
    await owner.query(`insert into auth.identity (project_id, provider, subject, end_user_id, email_verified, profile, created_at) values ($1, $2, $3, $4, true, '{}', now())`, [project.slice(5), with_.identity, id, id])
  }
}

async function populated(settings: Record<string, unknown>): Promise<string> {
  const project = await makeProject(plane, { enable: { site_url: OLD, ...settings } })
  await plane.call('PUT', `projects/${project}/auth/providers/github`, { client_id: 'id', client_secret: 'secret' })
  await addPerson(project, { passkeys: ['old.example.org'] })
  await addPerson(project, { passkeys: ['old.example.org', 'old.example.org'] })
  await addPerson(project, { passkeys: ['old.example.org'], password: true })
  await addPerson(project, { passkeys: ['old.example.org', 'new.example.org'] })
  await addPerson(project, { passkeys: ['old.example.org'], identity: 'github' })
  await addPerson(project, { passkeys: ['old.example.org'], disabled: true })
  await addPerson(project, { passkeys: ['elsewhere.example.org'] })
  return project
}

const read = async (project: string) => (await plane.call('GET', `projects/${project}/auth`)).body.data.settings
const change = (project: string, body: Record<string, unknown>) => plane.call('PATCH', `projects/${project}/auth`, body)

test.each<[string, Record<string, unknown>, number]>([
  ['another site_url', { site_url: NEW }, 2],
  ['no site_url', { site_url: null }, 3],
  ['an rp_id', { rp_id: 'example.org' }, 3],
  ['an IP address as the site', { site_url: 'https://192.0.2.7' }, 3],
  ['no passwords any more, and another site', { site_url: NEW, providers: ['github'] }, 3],
  ['no GitHub any more, and another site', { site_url: NEW, providers: ['email'] }, 3],
])('%s says whom it locks out, and is refused without force', async (_what, body, people) => {
  const project = await populated({ providers: ['email', 'github'] })
  const before = await read(project)
  for (const send of [change, (id: string, settings: Record<string, unknown>) => plane.call('POST', `projects/${id}/auth`, settings)]) {
    const refused = await send(project, body)
    expect([refused.status, refused.body.error?.code, refused.body.error?.message]).toEqual([
      409,
      'passkeys_stranded',
      expect.stringMatching(new RegExp(`^${people} people `)),
    ])
    expect(await read(project)).toEqual(before)
  }
  const forced = await change(project, { ...body, force: true })
  expect([forced.status, forced.body.data.settings]).toEqual([200, expect.objectContaining(body)])
  const [row] = await owner.query<{ metadata: object }>(
    `select metadata from auth.audit_event where project_id = $1 and action = 'auth.settings_changed'`,
    [project.slice(5)],
  )
  expect(row?.metadata).toMatchObject({ people_stranded: people })
})

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['another path of the same host', {}, { site_url: `${OLD}/app` }],
  ['the same domain by name', {}, { rp_id: 'old.example.org' }],
  ['another setting', {}, { allow_signups: false }],
  ['a site while the relying party has a name of its own', { rp_id: 'elsewhere.org' }, { site_url: NEW }],
  ['anything, where people sign in by mail', { providers: ['magic_link'] }, { site_url: NEW }],
])('%s locks no user out', async (_what, settings, body) => {
  expect((await change(await populated(settings), body)).status).toBe(200)
})

test('a custom domain that passkeys belong to goes with force alone, one that they do not belong to at once', async () => {
  const project = await populated({ providers: ['email', 'github'] })
  await change(project, { site_url: null, force: true })
  const addDomain = async (hostname: string, age: string) => {
    const id = randomUUID()
    await owner.query(
      `insert into auth.domain (project_id, id, hostname, verification_token, verified_at, created_at) values ($1, $2, $3, $4, now(), now() - $5::interval)`,
      [project.slice(5), id, hostname, randomUUID(), age],
    )
    return id
  }
  const [first, second] = [await addDomain('old.example.org', '2 days'), await addDomain('new.example.org', '1 day')]
  const remove = (id: string, query = '') => plane.call('DELETE', `projects/${project}/domains/${id}${query}`)
  const refused = await remove(first)
  // The third person has a passkey for the domain that comes next.
  expect([refused.status, refused.body.error?.code, refused.body.error?.message]).toEqual([
    409,
    'passkeys_stranded',
    expect.stringMatching(/^2 people /),
  ])
  expect((await plane.call('GET', `projects/${project}/domains`)).body.data).toHaveLength(2)
  expect((await remove(first, '?force=perhaps')).status).toBe(422)
  expect((await remove(second)).status).toBe(200)
  expect((await remove(first)).body.error?.message).toMatch(/^3 people /)
  expect((await remove(first, '?force=true')).status).toBe(200)
  const [row] = await owner.query<{ metadata: object }>(
    `select metadata from auth.audit_event where project_id = $1 and action = 'domain.removed' and metadata ? 'people_stranded'`,
    [project.slice(5)],
  )
  expect(row?.metadata).toEqual({ hostname: 'old.example.org', people_stranded: 3 })
})

test('a provider that is somebody’s only way in goes with force alone', async () => {
  const project = await makeProject(plane, { enable: { site_url: OLD, providers: ['email', 'github', 'gitlab'] } })
  for (const provider of ['github', 'gitlab']) {
    expect(
      (await plane.call('PUT', `projects/${project}/auth/providers/${provider}`, { client_id: 'id', client_secret: 'secret' })).status,
    ).toBe(200)
  }
  await addPerson(project, { passkeys: [], identity: 'github' })
  await addPerson(project, { passkeys: [], identity: 'github', password: true })
  await addPerson(project, { passkeys: ['old.example.org'], identity: 'github' })
  await addPerson(project, { passkeys: [], identity: 'github', disabled: true })
  const remove = (provider: string, query = '') => plane.call('DELETE', `projects/${project}/auth/providers/${provider}${query}`)
  const refused = await remove('github')
  expect([refused.status, refused.body.error?.code, refused.body.error?.message]).toEqual([
    409,
    'users_stranded',
    expect.stringMatching(/^1 person has /),
  ])
  expect((await plane.call('GET', `projects/${project}/auth/providers/github`)).body.data.client_id).toBe('id')
  expect((await remove('gitlab')).status).toBe(200)
  expect((await remove('github', '?force=true')).status).toBe(200)
  const [row] = await owner.query<{ metadata: object }>(
    `select metadata from auth.audit_event where project_id = $1 and action = 'auth.provider_removed' and resource_id = 'github'`,
    [project.slice(5)],
  )
  expect(row?.metadata).toMatchObject({ people_stranded: 1 })
})

test.each<[string, [boolean | null, boolean]]>([
  ['is not discoverable', [false, true]],
  ['never said whether it is', [null, true]],
  ['never verified its person', [true, false]],
])('a passkey that %s is no way in: not one that is lost, nor one that is left', async (_what, alone) => {
  const project = await makeProject(plane, { enable: { site_url: OLD, providers: ['email', 'github'] } })
  await addPerson(project, { passkeys: ['old.example.org'], alone })
  expect((await change(project, { site_url: NEW })).status).toBe(200)
  // Left with a passkey of the new domain that cannot be used without being named first.
  await addPerson(project, { passkeys: ['new.example.org'], alone, password: true })
  const refused = await change(project, { providers: ['github'] })
  expect([refused.status, refused.body.error?.code, refused.body.error?.message]).toEqual([
    409,
    'users_stranded',
    '1 person has no way in but email. Send force: true to change it all the same.',
  ])
})

test('taking a way in off `providers` is refused for those who have no other, as removing its configuration is', async () => {
  const project = await makeProject(plane, { enable: { site_url: OLD, providers: ['email', 'github', 'gitlab'] } })
  for (const provider of ['github', 'gitlab'])
    await plane.call('PUT', `projects/${project}/auth/providers/${provider}`, { client_id: 'id', client_secret: 'secret' })
  await addPerson(project, { passkeys: [], identity: 'github' })
  await addPerson(project, { passkeys: [], identity: 'github', password: true })
  await addPerson(project, { passkeys: ['old.example.org'], identity: 'github' })
  // Nothing is set up for it, so it opens nothing today.
  await addPerson(project, { passkeys: [], identity: 'microsoft' })
  const refused = await change(project, { providers: ['email', 'gitlab', 'microsoft'] })
  expect([refused.status, refused.body.error?.code, refused.body.error?.details?.[0]]).toMatchObject([
    409,
    'users_stranded',
    { field: 'providers', message: '1 person has no way in but github. Send force: true to change it all the same.' },
  ])
  expect((await change(project, { providers: ['email', 'github'] })).status).toBe(200)
  expect((await change(project, { providers: ['email', 'magic_link'] })).status).toBe(200)
  // Now everybody has a way in by mail; without it three have none.
  const back = await change(project, { providers: ['gitlab', 'passkey'] })
  expect([back.status, back.body.error?.message]).toEqual([409, expect.stringMatching(/^3 people have no way in but email or magic_link/)])
  expect((await change(project, { providers: ['gitlab', 'passkey'], force: true })).status).toBe(200)
  const [row] = await owner.query<{ metadata: object }>(
    `select metadata from auth.audit_event where project_id = $1 and action = 'auth.settings_changed' order by created_at desc limit 1`,
    [project.slice(5)],
  )
  expect(row?.metadata).toMatchObject({ people_stranded: 3 })
})

test('force is true or false', async () => {
  const project = await makeProject(plane, { enable: true })
  expect((await change(project, { force: 'yes' })).body.error.details[0].field).toBe('force')
})
