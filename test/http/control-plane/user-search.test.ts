import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ListBounds } from '../../../libs/end-user/administration/list-end-users.js'
import { END_USER_STATES } from '../../../libs/end-user/records/end-user-filter.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { connect, type Connection } from '../../support/sql.js'

interface Person {
  id: string
  email: string
  verified: boolean
  disabled: boolean
  password: boolean
  provider: string | null
  factor: boolean
  passkey: boolean
  created: Date
  signedIn: Date | null
}

const NOBODY = '00000000-0000-4000-8000-000000000000'
const COUNT = 240
const START = Date.UTC(2026, 0, 1)
const DAY = 86_400_000

/** Of every kind some, and several of one instant, with microseconds as rows from elsewhere have them. */
const people: Person[] = Array.from({ length: COUNT }, (_, n) => ({
  id: randomUUID(),
  email: `${'abc'[n % 3]}${n % 7}.person${n}@${n % 5 === 0 ? 'corp.example' : n % 11 === 0 ? 'b.corp.example' : 'mail.example'}`,
  verified: n % 4 !== 0,
  disabled: n % 13 === 0,
  password: n % 2 === 0,
  provider: n % 6 === 1 ? 'google' : n % 6 === 3 ? 'oidc:acme' : null,
  factor: n % 17 === 0,
  passkey: n % 19 === 0,
  created: new Date(START + Math.floor(n / 10) * DAY),
  signedIn: n % 3 === 0 ? null : new Date(START + ((n * 7) % 100) * DAY),
}))

let plane: TestControlPlane
let owner: Connection
let id: string
beforeAll(async () => {
  plane = await startControlPlane()
  owner = await connect(plane.database.url)
  id = await makeProject(plane, { enable: true })
  const project = id.slice(5)
  for (const person of people) {
    await owner.query(
      `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, disabled_at, password_hash, created_at, updated_at, last_sign_in_at)
        values ($1, $2, $3, $3, $4, $5, $6, $7::timestamptz + interval '123 microseconds', $7, $8)`,
      [
        project,
        person.id,
        person.email,
        person.verified ? person.created : null,
        person.disabled ? person.created : null,
        person.password ? 'no hash' : null,
        person.created,
        person.signedIn,
      ],
    )
    if (person.provider) {
      await owner.query(
        'insert into auth.identity (project_id, provider, subject, end_user_id, created_at) values ($1, $2, $3::text, ($3::text)::uuid, now())',
        [project, person.provider, person.id],
      )
    }
    if (person.factor) {
      await owner.query(
        `insert into auth.factor (project_id, id, end_user_id, type, sealed, created_at, activated_at) values ($1, gen_random_uuid(), $2, 'totp', '\\x00', now(), now())`,
        [project, person.id],
      )
    }
    if (person.passkey) {
      await owner.query(
        `insert into auth.webauthn_credential (project_id, id, end_user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, rp_id, friendly_name, created_at)
          values ($1, gen_random_uuid(), $2, uuid_send(gen_random_uuid()), '\\x00', 0, true, true, 'app.example', 'Phone', now())`,
        [project, person.id],
      )
    }
  }
  // The same people elsewhere: nothing of it may show.
  const other = await makeProject(plane, { enable: true })
  await owner.query(
    `insert into auth.end_user (project_id, id, email, email_typed, created_at, updated_at)
      select $1, gen_random_uuid(), email, email, created_at, created_at from auth.end_user where project_id = $2`,
    [other.slice(5), project],
  )
})
afterAll(async () => {
  await owner?.close()
  await plane?.stop()
})

const list = (query: string) => plane.call('GET', `projects/${id}/users?${query}`)

/** Every page of a list, in order. */
async function everyPage(query: string): Promise<{ ids: string[]; total: number; is: string }> {
  const ids: string[] = []
  let cursor = ''
  let first: { total: number; total_is: string } | null = null
  do {
    const { status, body, text } = await list(`${query}${cursor}`)
    expect([status, text.slice(0, 200)]).toEqual([200, expect.anything()])
    first ??= body.page
    ids.push(...body.data.map((user: { id: string }) => user.id))
    cursor = body.page.next_cursor === null ? '' : `&cursor=${body.page.next_cursor}`
  } while (cursor !== '')
  return { ids, total: first!.total, is: first!.total_is }
}

const STATES: Record<(typeof END_USER_STATES)[number], (person: Person) => boolean> = {
  confirmed: (person) => person.verified,
  unconfirmed: (person) => !person.verified,
  enabled: (person) => !person.disabled,
  disabled: (person) => person.disabled,
  mfa: (person) => person.factor || person.passkey,
  never_signed_in: (person) => person.signedIn === null,
}

const on = (day: number) => encodeURIComponent(new Date(START + day * DAY).toISOString())
const SEARCHES: [string, (person: Person) => boolean][] = [
  ['', () => true],
  ['search=a', (person) => person.email.startsWith('a')],
  ['q=B3.PERSON', (person) => person.email.startsWith('b3.person')],
  ['search=b.corp', (person) => person.email.endsWith('@b.corp.example')],
  ['search=%40CORP', (person) => person.email.endsWith('@corp.example')],
  ['search=corp.example', (person) => person.email.endsWith('@corp.example')],
  ['search=a%25', () => false],
  ['search=_', () => false],
  ['domain=corp.example', (person) => person.email.endsWith('@corp.example')],
  ['domain=%40Corp.Example', (person) => person.email.endsWith('@corp.example')],
  ['domain=not a domain', () => false],
  ['id=nonsense', () => false],
  ['email=nonsense', () => false],
  ['provider=google', (person) => person.provider === 'google'],
  ['provider=oidc:acme', (person) => person.provider === 'oidc:acme'],
  ['provider=github', () => false],
  ['provider=password', (person) => person.password],
  ['provider=passkey', (person) => person.passkey],
  ...END_USER_STATES.map((state): [string, (person: Person) => boolean] => [`state=${state}`, STATES[state]]),
  ['state=confirmed,disabled', (person) => person.verified && person.disabled],
  [`created_since=${on(5)}`, (person) => person.created >= new Date(START + 5 * DAY)],
  [
    `created_since=${on(5)}&created_until=${on(9)}`,
    (person) => person.created >= new Date(START + 5 * DAY) && person.created < new Date(START + 9 * DAY),
  ],
  [`last_sign_in_since=${on(50)}`, (person) => person.signedIn !== null && person.signedIn >= new Date(START + 50 * DAY)],
  [`last_sign_in_until=${on(50)}`, (person) => person.signedIn !== null && person.signedIn < new Date(START + 50 * DAY)],
  ['search=b&provider=google&state=confirmed', (person) => person.email.startsWith('b') && person.provider === 'google' && person.verified],
  [
    'domain=mail.example&state=never_signed_in,enabled',
    (person) => person.email.endsWith('@mail.example') && person.signedIn === null && !person.disabled,
  ],
]

const byId = (a: Person, b: Person) => (a.id < b.id ? -1 : 1)
const time = (instant: Date | null) => instant?.getTime() ?? -Infinity
const ORDERS: Record<string, (a: Person, b: Person) => number> = {
  created_at: (a, b) => time(a.created) - time(b.created) || byId(a, b),
  email: (a, b) => (a.email < b.email ? -1 : 1),
  last_sign_in_at: (a, b) => (time(a.signedIn) === time(b.signedIn) ? byId(a, b) : time(a.signedIn) - time(b.signedIn)),
}

// What a small set answers and what a walk along an index answers must be the same: the second time nothing counts as small.
describe.each(['narrow sets', 'walks'])('by %s', (kind) => {
  const bounds = () => plane.plane.useCases.listEndUsers as unknown as { bounds: ListBounds }
  let before: ListBounds
  beforeAll(() => {
    before = bounds().bounds
    if (kind === 'walks') bounds().bounds = { narrow: -1, steps: [7, 11] }
  })
  afterAll(() => {
    bounds().bounds = before
  })

  test.each(SEARCHES)('%s finds whom it says, page after page', async (query, meets) => {
    const found = await everyPage(`${query}&limit=9`)
    const expected = people.filter(meets)
    expect(found.ids.toSorted()).toEqual(expected.map((person) => person.id).toSorted())
    if (kind === 'narrow sets') expect([found.total, found.is]).toEqual([expected.length, 'exact'])
    else expect(found.is).toBe('estimated')
  })

  test.each(
    Object.keys(ORDERS)
      .flatMap((order) => [order, `-${order}`])
      .flatMap((sort) => ['', 'state=confirmed', 'domain=corp.example', 'search=a'].map((query) => [sort, query])),
  )('sorted by %s, %s', async (sort, query) => {
    const [, meets] = SEARCHES.find(([known]) => known === query)!
    const order = ORDERS[sort!.replace('-', '')]!
    const expected = people.filter(meets).toSorted((a, b) => (sort!.startsWith('-') ? order(b, a) : order(a, b)))
    expect((await everyPage(`${query}&sort=${sort}&limit=7`)).ids).toEqual(expected.map((person) => person.id))
  })
})

test('a whole address and an id find one person', async () => {
  const person = people[20]!
  for (const query of [
    `search=${person.id}`,
    `id=${person.id.toUpperCase()}`,
    `email=${encodeURIComponent(person.email.toUpperCase())}`,
    `search=${encodeURIComponent(person.email)}`,
  ]) {
    const { body } = await list(query)
    expect(body.data.map((user: { id: string }) => user.id)).toEqual([person.id])
  }
})

test.each([
  'state=confirmd',
  'provider=email',
  'provider=oidc:',
  'sort=name',
  'sort=email,created_at',
  'cursor=x',
  'cursor=WyItY3JlYXRlZEF0Iiwx',
  'page=200&page_size=100',
  'created_since=2026-W03-1',
  'limit=101',
  'q=a&search=b',
  'nickname=x',
])('%s is refused', async (query) => {
  expect((await list(query)).status).toBe(422)
})

test('a cursor belongs to its order, and what was made up of one is refused', async () => {
  const { body } = await list('limit=5')
  expect((await list(`limit=5&sort=email&cursor=${body.page.next_cursor}`)).body.error.code).toBe('validation_error')
  for (const forged of [
    ['-createdAt', 'x', people[0]!.id],
    ['-createdAt', null, people[0]!.id],
    ['-createdAt', '9'.repeat(17), people[0]!.id],
    ['-createdAt', '1', 'x'],
    ['-createdAt', '1'],
  ]) {
    expect((await list(`cursor=${Buffer.from(JSON.stringify(forged)).toString('base64url')}`)).body.error.code).toBe('validation_error')
  }
})

test('pages by number go on to work', async () => {
  const whole = await everyPage('limit=100')
  expect((await list('page=3&page_size=20')).body.data.map((user: { id: string }) => user.id)).toEqual(whole.ids.slice(40, 60))
  expect((await list('page=2&page_size=20&state=confirmed')).body.data).toHaveLength(20)
})

// Row security lets only comparisons that cannot leak into an index: the plans are asked as the role that the service has.
describe('plans', () => {
  const ALL = `u.created_at > '-infinity'`
  const NEWEST = 'u.created_at desc, u.id desc'
  const AFTER = `(u.created_at, u.id) < (now(), '${NOBODY}'::uuid)`
  test.each([
    [
      'the beginning of an address',
      `u.email >= 'a' and u.email < 'b' and u.email <> ''`,
      'u.email',
      'end_user_by_email',
      `(email >= 'a'::text) AND (email < 'b'::text)`,
    ],
    [
      'a domain',
      `u.email_domain = 'corp.example' and ${ALL} and ${AFTER}`,
      NEWEST,
      'end_user_by_domain',
      `(email_domain = 'corp.example'::text) AND (ROW(created_at, id) <`,
    ],
    ['the newest', `${ALL} and ${AFTER}`, NEWEST, 'end_user_by_creation', 'ROW(created_at, id) <'],
    [
      'the oldest',
      `${ALL} and (u.created_at, u.id) > (now(), '${NOBODY}'::uuid)`,
      'u.created_at, u.id',
      'end_user_by_creation',
      'ROW(created_at, id) >',
    ],
    [
      'the last sign-in',
      `${ALL} and (u.sign_in_order, u.id) < (now(), '${NOBODY}'::uuid)`,
      'u.sign_in_order desc, u.id desc',
      'end_user_by_sign_in',
      'ROW(sign_in_order, id) <',
    ],
    ['a time of sign-ins', `${ALL} and u.sign_in_order >= now()`, 'u.sign_in_order', 'end_user_by_sign_in', 'sign_in_order >= '],
    ['disabled ones', `u.disabled_at is not null and ${AFTER}`, NEWEST, 'end_user_disabled', 'ROW(created_at, id) <'],
    ['unconfirmed ones', `u.email_verified_at is null and ${AFTER}`, NEWEST, 'end_user_unconfirmed', 'ROW(created_at, id) <'],
  ])('%s: from an index, in order, by its conditions', async (_, condition, order, index, indexed) => {
    const role = await connect(plane.database.roleUrl('portico_control'))
    try {
      await role.query('begin')
      await role.query(`select set_config('portico.project_id', $1, true)`, [id.slice(5)])
      await role.query('set local enable_seqscan = off')
      await role.query('set local enable_bitmapscan = off')
      await role.query('set local enable_sort = off')
      const plan = await role.query<{ 'QUERY PLAN': string }>(
        `explain (costs off) select u.id from auth.end_user u where u.project_id = auth.current_project_id() and ${condition} order by ${order} limit 20`,
      )
      const text = plan.map((row) => row['QUERY PLAN']).join('\n')
      expect(text).toMatch(new RegExp(`using ${index} `))
      expect(text).not.toContain('Sort')
      expect(/Index Cond: (.*)/.exec(text)?.[1]).toContain(indexed)
    } finally {
      await role.close()
    }
  })
})

describe('export', () => {
  const exported = (query: string) => plane.call('GET', `projects/${id}/users/export?${query}`)

  test('lines of JSON, one for each person that meets the filter, oldest first, and the export is audited', async () => {
    const answer = await exported('state=confirmed')
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string })
    expect(lines.map((line) => line.id)).toEqual(
      people
        .filter((person) => person.verified)
        .toSorted(ORDERS['created_at']!)
        .map((person) => person.id),
    )
    const { body } = await plane.call('GET', `projects/${id}/audit-log?action=user.exported`)
    expect(body.data[0]).toMatchObject({ resource: 'project', resource_id: id, metadata: { format: 'ndjson', filtered_by: ['states'] } })
  })

  test('more than a page of it comes whole', async () => {
    const own = await makeProject(plane, { enable: true })
    await owner.query(
      `insert into auth.end_user (project_id, id, email, email_typed, created_at, updated_at)
        select $1, gen_random_uuid(), n || '@x.example', n || '@x.example', now(), now() from generate_series(1, 2500) n`,
      [own.slice(5)],
    )
    const { text } = await plane.call('GET', `projects/${own}/users/export`)
    expect(new Set(text.trimEnd().split('\n')).size).toBe(2500)
  })

  test('a spreadsheet runs nothing of it', async () => {
    const own = await makeProject(plane, { enable: true })
    const made = await plane.call('POST', `projects/${own}/users`, {
      email: `=cmd|'/c_calc'!a1@x.example`.replaceAll('|', ''),
      metadata: { note: 'a "b", c' },
    })
    expect(made.status).toBe(201)
    const { text, headers } = await plane.call('GET', `projects/${own}/users/export?format=csv`)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const [head, line] = text.split('\r\n')
    expect(head).toBe('id,email,email_verified,disabled,created_at,updated_at,last_sign_in_at,metadata,app_metadata')
    expect(line).toContain(`,'=cmd'/c_calc'!a1@x.example,false,false,`)
    expect(line).toContain(`"{""note"":""a \\""b\\"", c""}"`)
  })

  test('a filter that is none is refused before anything is sent', async () => {
    expect((await exported('state=happy')).status).toBe(422)
    expect((await exported('format=xml')).status).toBe(422)
    expect((await exported('limit=5')).status).toBe(422)
  })
})

describe('in bulk', () => {
  const bulk = (action: string, ids: string[]) => plane.call('POST', `projects/${id}/users/bulk`, { action, ids })
  const state = async (user: string) => (await plane.call('GET', `projects/${id}/users/${user}`)).body.data

  test('each is done or says why not, with an audit row of its own', async () => {
    const [first, second] = people.filter((person) => !person.disabled)
    const stranger = randomUUID()
    const { status, body } = await bulk('disable', [first!.id, stranger, second!.id.toUpperCase(), first!.id])
    expect(status).toBe(200)
    expect(body.data).toEqual({
      action: 'disable',
      succeeded: 2,
      failed: 1,
      results: [
        { id: first!.id, ok: true },
        { id: stranger, ok: false, error: { code: 'not_found', message: expect.any(String) } },
        { id: second!.id, ok: true },
      ],
    })
    expect([(await state(first!.id)).disabled, (await state(second!.id)).disabled]).toEqual([true, true])
    const audit = await plane.call('GET', `projects/${id}/audit-log?action=user.disabled`)
    expect(audit.body.data.map((row: { resource_id: string }) => row.resource_id).toSorted()).toEqual([first!.id, second!.id].toSorted())
    await bulk('enable', [first!.id, second!.id])
    expect((await state(first!.id)).disabled).toBe(false)
  })

  test('a recovery of somebody disabled is no success', async () => {
    const barred = people.find((person) => person.disabled)!
    expect((await bulk('send_recovery', [barred.id])).body.data).toMatchObject({
      succeeded: 0,
      failed: 1,
      results: [{ ok: false, error: { code: 'conflict' } }],
    })
  })

  test('people of another project are not there', async () => {
    const other = await makeProject(plane, { enable: true })
    const foreign = (await plane.call('POST', `projects/${other}/users`, { email: 'foreign@x.example' })).body.data.id
    for (const action of ['disable', 'enable', 'delete', 'end_sessions', 'send_recovery', 'evict']) {
      expect((await bulk(action, [foreign])).body.data.results).toEqual([
        { id: foreign, ok: false, error: { code: 'not_found', message: expect.any(String) } },
      ])
    }
    expect((await plane.call('GET', `projects/${other}/users/${foreign}`)).body.data.disabled).toBe(false)
  })

  test('deleting, ending sessions and evicting work on many', async () => {
    const made = await Promise.all(
      ['x1', 'x2', 'x3'].map(
        async (name) => (await plane.call('POST', `projects/${id}/users`, { email: `${name}@bulk.example` })).body.data.id as string,
      ),
    )
    for (const action of ['end_sessions', 'evict', 'delete'])
      expect((await bulk(action, made)).body.data).toMatchObject({ succeeded: 3, failed: 0 })
    for (const user of made) expect((await plane.call('GET', `projects/${id}/users/${user}`)).status).toBe(404)
  })

  test.each([
    { action: 'promote', ids: [NOBODY] },
    { action: 'disable', ids: [] },
    { action: 'disable', ids: ['x'] },
    { action: 'disable', ids: Array.from({ length: 101 }, () => NOBODY) },
    { action: 'disable' },
  ])('%# is refused whole', async (body) => {
    expect((await plane.call('POST', `projects/${id}/users/bulk`, body)).status).toBe(422)
  })
})
