import { randomUUID } from 'node:crypto'
import { ConditionSql, USER_COLUMNS } from '@portico/end-user/records/directory-condition.view'
import { userType } from '@portico/scim/core-schemas'
import { readFilter } from '@portico/scim/filter'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../support/sql.js'
import { ENTERPRISE, ERROR, makeDirectory, newUser, patch, stageScim, GROUP, type OwnDirectory, type Stage } from './scim-client.js'

const CUSTOM = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User'
let stage: Stage
let own: OwnDirectory
const ids: Record<string, string> = {}

beforeAll(async () => {
  stage = await stageScim()
  const attributes = [{ name: 'badge', type: 'integer' }, { name: 'tags', multi_valued: true }, { name: 'since', type: 'dateTime' }]
  own = await makeDirectory(stage, { directory: { custom_schema: { id: CUSTOM, name: 'Acme', attributes } } })
  const people = [
    newUser('Ada@corp.example', {
      externalId: 'A-1', displayName: 'Ada Lovelace', title: 'Countess',
      [ENTERPRISE]: { department: 'Engines', manager: { value: 'boss' } },
      [CUSTOM]: { badge: 7, tags: ['Red', 'blue'], since: '2020-01-01T00:00:00Z' },
    }),
    newUser('bob@corp.example', {
      externalId: 'a-1', displayName: 'Bob "the" \\ builder', active: false,
      emails: [{ value: 'bob@corp.example', type: 'work' }, { value: 'bob@home.example', type: 'home', primary: true }],
      [CUSTOM]: { badge: 12 },
    }),
    { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'robot-7' },
  ]
  for (const person of people) {
    const made = await own.scim('POST', '/Users', person)
    expect([made.status, made.body.detail]).toEqual([201, undefined])
    ids[person.userName] = made.body.id
  }
  const members = [{ value: ids['Ada@corp.example'] }]
  await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Engineers', externalId: 'g1', members })
  await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Everybody' })
})
afterAll(() => stage?.stop())

const list = (noun: string, filter: string) => own.scim('GET', `/${noun}?filter=${encodeURIComponent(filter)}`)
const ADA = 'Ada@corp.example'
const BOB = 'bob@corp.example'
const ROBOT = 'robot-7'

describe('filters of people', () => {
  test.each<[string, string[]]>([
    ['userName eq "ADA@corp.example"', [ADA]],
    ['USERNAME Eq "ada@CORP.example"', [ADA]],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bob@corp.example"', [BOB]],
    ['userName ne "robot-7"', [ADA, BOB]],
    ['externalId eq "A-1"', [ADA]],
    ['externalId eq "a-1"', [BOB]],
    ['userName sw "ROBOT"', [ROBOT]],
    ['userName ew "@corp.example"', [ADA, BOB]],
    ['displayName co "LOVE"', [ADA]],
    ['displayName eq "Bob \\"the\\" \\\\ builder"', [BOB]],
    ['displayName pr', [ADA, BOB]],
    ['not (displayName pr)', [ROBOT]],
    ['title eq null', [BOB, ROBOT]],
    ['active eq false', [BOB]],
    ['active eq "True"', [ADA, ROBOT]],
    ['name.familyName eq "lovelace" and active eq true', [ADA]],
    ['title pr or active eq false', [ADA, BOB]],
    ['(userName sw "a" or userName sw "b") and not (active eq false)', [ADA]],
    ['emails[type eq "home"]', [BOB]],
    ['emails[type eq "work" and value co "BOB"]', [BOB]],
    ['emails[type eq "work" and value co "home"]', []],
    ['emails[primary eq true].value sw "bob"', [BOB]],
    ['emails.value eq "bob@home.example"', [BOB]],
    ['emails.value eq "BOB@home.EXAMPLE"', [BOB]],
    ['emails eq "bob@home.example"', [BOB]],
    ['emails[type eq "home" and value eq "bob@HOME.example"]', [BOB]],
    ['emails[type eq "work" and value eq "bob@home.example"]', []],
    ['emails[type eq "home" or value eq "Ada@corp.example"]', [ADA, BOB]],
    ['not (emails.value eq "bob@home.example")', [ADA, ROBOT]],
    [`emails.value eq "${'x'.repeat(600)}"`, []],
    ['emails co "home"', [BOB]],
    ['emails pr', [ADA, BOB]],
    ['emails.value ne "bob@home.example"', [ADA, ROBOT]],
    [`${ENTERPRISE}:department eq "engines"`, [ADA]],
    [`${ENTERPRISE}:manager.value eq "boss"`, [ADA]],
    [`${CUSTOM}:badge gt 9`, [BOB]],
    [`${CUSTOM}:badge le 12`, [ADA, BOB]],
    [`${CUSTOM}:tags eq "RED"`, [ADA]],
    [`${CUSTOM}:since lt "2021-01-01T00:00:00Z"`, [ADA]],
    ['meta.created gt "2020-01-01T00:00:00Z"', [ADA, BOB, ROBOT]],
    ['meta.lastModified lt "2020-01-01T00:00:00Z"', []],
    ['userName gt "b"', [BOB, ROBOT]],
    ['id eq "nonsense"', []],
    ["displayName eq \"' or 1=1 --\"", []],
    ['displayName co "%"', []],
  ])('%s', async (filter, expected) => {
    const answer = await list('Users', filter)
    expect([answer.status, answer.body.detail]).toEqual([200, undefined])
    expect(answer.body.Resources.map(({ userName }: { userName: string }) => userName).toSorted()).toEqual(expected.toSorted())
    expect(answer.body.totalResults).toBe(expected.length)
  })

  test('one person among thousands is found by an address from an index, under row-level security', async () => {
    const crowd = await makeDirectory(stage)
    const project = crowd.projectId.replace('proj_', '')
    await stage.owner.query(
      `with people as (
          insert into auth.end_user (project_id, id, email, email_typed, metadata, created_at, updated_at)
          select $1, gen_random_uuid(), 'p' || n || '@crowd.example', 'p' || n || '@crowd.example', '{}', now(), now() from generate_series(1, 3000) n
          returning id, email),
        users as (
          insert into auth.directory_user (project_id, end_user_id, directory_id, user_name, user_name_key, attributes, active, created_at, updated_at)
          select $1, id, $2, email, email, jsonb_build_object('core', jsonb_build_object('emails', jsonb_build_array(jsonb_build_object('value', email)))),
            true, now(), now() from people returning end_user_id, user_name)
        insert into auth.directory_user_email (project_id, end_user_id, directory_id, email_key) select $1, end_user_id, $2, user_name from users`,
      [project, crowd.id],
    )
    for (const table of ['directory_user', 'directory_user_email']) await stage.owner.query(`analyze auth.${table}`)
    const role = await connect(stage.control.database.roleUrl('portico_data'))
    try {
      await role.query('begin')
      await role.query(`select set_config('portico.project_id', $1, true)`, [project])
      for (const filter of ['emails.value eq "P7@crowd.example"', 'emails eq "p7@crowd.example"', 'emails[type eq "x" and value eq "p7@crowd.example"]']) {
        const sql = new ConditionSql(USER_COLUMNS, [crowd.id])
        const where = sql.of(readFilter(userType(null), filter))
        const text = `explain (costs off) select 1 from auth.directory_user d
          where d.project_id = auth.current_project_id() and d.directory_id = $1 and d.deleted_at is null and ${where}`
        const plan = (await role.query<{ 'QUERY PLAN': string }>(text, sql.values)).map((row) => row['QUERY PLAN']).join('\n')
        expect(plan).toMatch(/directory_user_email_pkey[\s\S]*Index Cond: .*directory_id = .*email_key = 'p7@crowd.example'/)
        expect(plan).not.toMatch(/Seq Scan on directory_user_email/)
      }
    } finally {
      await role.close()
    }
  })

  test('an address that was changed or taken away is not found any more, and the new one is', async () => {
    const [before, after, other] = ['before', 'after', 'other'].map((each) => `${each}.${randomUUID()}@corp.example`)
    const made = (await own.scim('POST', '/Users', newUser(before!))).body
    const found = async (address: string) => (await list('Users', `emails.value eq "${address}"`)).body.totalResults as number
    expect([await found(before!), await found(after!)]).toEqual([1, 0])
    await own.scim('PATCH', `/Users/${made.id}`, patch({ op: 'replace', path: 'emails[type eq "work"].value', value: after }))
    await own.scim('PATCH', `/Users/${made.id}`, patch({ op: 'add', path: 'emails', value: [{ value: other, type: 'home' }] }))
    expect([await found(before!), await found(after!), await found(other!)]).toEqual([0, 1, 1])
    await own.scim('PATCH', `/Users/${made.id}`, patch({ op: 'remove', path: 'emails[type eq "home"]' }))
    expect([await found(after!), await found(other!)]).toEqual([1, 0])
    await own.scim('DELETE', `/Users/${made.id}`)
    expect(await found(after!)).toBe(0)
  })

  test('by id', async () => {
    expect((await list('Users', `id eq "${ids[BOB]}"`)).body.Resources).toHaveLength(1)
    expect((await list('Groups', `members[value eq "${ids[ADA]}"]`)).body.Resources.map((each: { displayName: string }) => each.displayName)).toEqual(['Engineers'])
    expect((await list('Groups', `members.value eq "${ids[BOB]}"`)).body.totalResults).toBe(0)
  })

  test.each([
    'userName', 'userName eq', 'userName is "x"', 'shoeSize eq 1', 'password eq "x"', 'groups.value eq "x"', 'active gt true',
    'userName eq 7',
    `${'('.repeat(30)}userName pr${')'.repeat(30)}`, `${'not '.repeat(25)}userName pr`, Array.from({ length: 101 }, () => 'title pr').join(' or '),
    `userName eq "${'x'.repeat(5_000)}"`, 'd.user_name eq "x"', '__proto__ eq "x"', 'name.constructor pr', 'meta.location pr',
  ])('refuses %s', async (filter) => {
    const answer = await list('Users', filter)
    expect([answer.status, answer.body.schemas, answer.body.scimType]).toEqual([400, [ERROR], 'invalidFilter'])
  })
})

describe('lists', () => {
  test('are paged from 1, counted and sorted', async () => {
    const names = async (query: string) => {
      const { body } = await own.scim('GET', `/Users?${query}`)
      return [body.Resources.map(({ userName }: { userName: string }) => userName), body.totalResults, body.startIndex, body.itemsPerPage]
    }
    expect(await names('sortBy=userName&count=2')).toEqual([[ADA, BOB], 3, 1, 2])
    expect(await names('sortBy=userName&count=2&startIndex=3')).toEqual([[ROBOT], 3, 3, 1])
    expect(await names('sortBy=userName&sortOrder=descending')).toEqual([[ROBOT, BOB, ADA], 3, 1, 3])
    expect(await names('startIndex=0&count=-5')).toEqual([[], 3, 1, 0])
    expect(await names('count=0')).toEqual([[], 3, 1, 0])
    expect(await names('startIndex=99')).toEqual([[], 3, 99, 0])
    expect((await names('sortBy=name.familyName&count=1000'))[3]).toBe(3)
    expect((await own.scim('GET', '/Users?count=many')).body.scimType).toBe('invalidValue')
    expect((await own.scim('GET', '/Users?sortBy=shoeSize')).status).toBe(400)
  })

  test('show what is asked for', async () => {
    const only = (await own.scim('GET', `/Users/${ids[ADA]}?attributes=userName,emails.value,${ENTERPRISE}:department`)).body
    expect(only).toEqual({
      schemas: only.schemas, id: ids[ADA], userName: ADA, emails: [{ value: ADA }], [ENTERPRISE]: { department: 'Engines' },
    })
    const less = (await own.scim('GET', `/Users/${ids[ADA]}?excludedAttributes=emails,name.givenName,groups,id`)).body
    expect([less.emails, less.name, less.groups, less.id]).toEqual([undefined, { familyName: 'Lovelace' }, undefined, ids[ADA]])
    expect((await own.scim('GET', '/Groups?excludedAttributes=members')).body.Resources.some((each: object) => 'members' in each)).toBe(false)
  })

  test('a search in a body, over one kind and over both', async () => {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest']
    const search = { schemas, attributes: ['displayName'], filter: 'displayName sw "e"' }
    expect((await own.scim('POST', '/Groups/.search', search)).body.Resources).toHaveLength(2)
    expect((await own.scim('POST', '/.search', search)).body.totalResults).toBe(2)
    const all = (await own.scim('POST', '/.search', { startIndex: 3, count: 2 })).body
    const kinds = all.Resources.map((each: { meta: { resourceType: string } }) => each.meta.resourceType)
    expect([all.totalResults, kinds]).toEqual([5, ['User', 'Group']])
  })
})

test('versions: If-Match and If-None-Match', async () => {
  const first = await own.scim('GET', `/Users/${ids[ROBOT]}`)
  const etag = first.headers.get('etag') ?? ''
  expect(etag).toBe(first.body.meta.version)
  expect((await own.scim('GET', `/Users/${ids[ROBOT]}`, undefined, { 'if-none-match': etag })).status).toBe(304)
  const changed = await own.scim('PATCH', `/Users/${ids[ROBOT]}`, patch({ op: 'add', path: 'title', value: 'R' }), { 'if-match': etag })
  expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false])
  const late = await own.scim('PATCH', `/Users/${ids[ROBOT]}`, patch({ op: 'add', path: 'title', value: 'S' }), { 'if-match': etag })
  expect([late.status, late.body.status]).toEqual([412, '412'])
  await own.scim('PATCH', `/Users/${ids[ROBOT]}`, patch({ op: 'remove', path: 'title' }))
})

describe('what describes the service', () => {
  test('config, kinds and schemas, each by its id', async () => {
    expect((await own.scim('GET', '/ServiceProviderConfig')).body).toMatchObject({ patch: { supported: true }, etag: { supported: true } })
    for (const noun of ['ResourceTypes', 'Schemas']) {
      const { Resources } = (await own.scim('GET', `/${noun}`)).body
      for (const each of Resources) expect((await own.scim('GET', `/${noun}/${each.id}`)).body).toEqual(each)
      expect((await own.scim('GET', `/${noun}?filter=id%20pr`)).status).toBe(403)
    }
    const schemas = (await own.scim('GET', '/Schemas')).body.Resources.map(({ name }: { name: string }) => name)
    expect(schemas).toEqual(['User', 'EnterpriseUser', 'Acme', 'Group', 'ServiceProviderConfig', 'ResourceType', 'Schema'])
  })

  test.each<[string, string, number]>([
    ['GET', '/nothing', 404], ['GET', '/Users/nonsense', 404], ['GET', '/Schemas/nothing', 404], ['POST', '/Schemas', 405],
    ['PUT', '/ResourceTypes', 405], ['DELETE', '/ServiceProviderConfig', 405], ['PATCH', '/Users', 405], ['GET', '/Me', 501], ['POST', '/Bulk', 501],
  ])('%s %s is %i in SCIM’s own form', async (method, path, status) => {
    const answer = await own.scim(method, path)
    expect([answer.status, answer.body.schemas, answer.body.status, answer.headers.get('content-type')]).toEqual([
      status, [ERROR], String(status), 'application/scim+json; charset=utf-8',
    ])
  })

  test.each<[string, string, number, string]>([
    ['what is no JSON', '{', 400, 'invalidSyntax'],
    ['a list', '[]', 400, 'invalidSyntax'],
    ['a user without a name', '{}', 400, 'invalidValue'],
    ['another schema', '{"schemas": ["urn:x"], "userName": "x"}', 400, 'invalidSyntax'],
    ['a name that is taken', '{"userName": "ADA@CORP.EXAMPLE"}', 409, 'uniqueness'],
    ['an address that is taken', '{"userName": "x", "emails": [{"value": "ada@corp.example"}]}', 409, 'uniqueness'],
    ['a name that no index holds', JSON.stringify({ userName: '\u{1f600}'.repeat(400) }), 400, 'invalidValue'],
    ['an address that is none', '{"userName": "x", "emails": [{"value": "ada"}]}', 400, 'invalidValue'],
    ['__proto__ as a key', '{"userName": "x", "__proto__": {"a": 1}}', 400, 'invalidSyntax'],
  ])('a POST of %s is refused', async (_what, body, status, scimType) => {
    const answer = await own.scim('POST', '/Users', body)
    expect([answer.status, answer.body.scimType, answer.body.schemas]).toEqual([status, scimType, [ERROR]])
  })
})
