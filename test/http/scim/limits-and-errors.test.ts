import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConditionSql, USER_COLUMNS } from '@portico/end-user/records/directory-condition.view'
import { userType } from '@portico/scim/core-schemas'
import { readFilter } from '@portico/scim/filter'
import { connect } from '../../support/sql.js'
import {
  ENTERPRISE, ERROR, GROUP, makeDirectory, newUser, PATCH, patch, scimClient, stageScim, USER,
  type OwnDirectory, type ScimAnswer, type Stage,
} from './scim-client.js'

/** Whatever a directory refuses, it refuses in SCIM's own form (RFC 7644, 3.12); and what is too much is refused at all. */
let stage: Stage
let own: OwnDirectory
beforeAll(async () => {
  stage = await stageScim()
  own = await makeDirectory(stage)
})
afterAll(() => stage?.stop())

const TYPE = 'application/scim+json; charset=utf-8'
const inForm = ({ status, body, headers }: ScimAnswer) => {
  const { schemas, status: said, detail } = body
  return [status, headers.get('content-type'), schemas, said, typeof detail]
}
const refusal = (status: number) => [status, TYPE, [ERROR], String(status), 'string']
const address = () => `${randomUUID()}@corp.example`

describe('every refusal is in the form of an error of SCIM', () => {
  const large = (bytes: number) => JSON.stringify({ schemas: [USER], userName: 'x', displayName: 'x'.repeat(bytes) })
  test.each<[string, number, () => Promise<ScimAnswer>]>([
    ['no token', 401, () => scimClient(own.base, null)('GET', '/Users')],
    ['no token, and a body', 401, () => scimClient(own.base, null)('POST', '/Users', newUser(address()))],
    ['another scheme', 401, () => scimClient(own.base, null)('GET', '/Users', undefined, { authorization: 'Basic dTpw' })],
    ['a token of nobody', 401, () => scimClient(own.base, `scim_${'a'.repeat(43)}`)('DELETE', `/Users/${randomUUID()}`)],
    ['an unknown path', 404, () => own.scim('GET', '/Nothing')],
    ['a path below a resource', 404, () => own.scim('GET', `/Users/${randomUUID()}/photo`)],
    ['an unknown path, and a body', 404, () => own.scim('POST', '/Devices', { schemas: [] })],
    ['an unknown id', 404, () => own.scim('PATCH', `/Users/${randomUUID()}`, patch({ op: 'add', path: 'title', value: 'x' }))],
    ['a method that is not there', 405, () => own.scim('DELETE', '/Users')],
    ['a body beyond 1 MiB', 413, () => own.scim('POST', '/Users', large(1_100_000))],
    ['another media type', 415, () => own.scim('POST', '/Users', '<user/>', { 'content-type': 'application/xml' })],
    ['no media type', 415, () => own.scim('POST', '/Users', 'userName=x', { 'content-type': 'text/plain' })],
    ['no JSON', 400, () => own.scim('PUT', `/Users/${randomUUID()}`, '{"userName":')],
    ['no body', 400, () => own.scim('POST', '/Users')],
    ['a resource beyond 96 KiB', 400, () => own.scim('POST', '/Users', { userName: 'x', photos: Array.from({ length: 100 }, (_, i) => ({ value: `https://x.example/${i}/${'x'.repeat(2_000)}` })) })],
    ['an old version', 412, async () => {
      const { id } = (await own.scim('POST', '/Users', newUser(address()))).body
      return own.scim('DELETE', `/Users/${id}`, undefined, { 'if-match': 'W/"9"' })
    }],
    ['bulk', 501, () => own.scim('POST', '/Bulk', { schemas: [], Operations: [] })],
  ])('%s: %i', async (_what, status, attempt) => {
    expect(inForm(await attempt())).toEqual(refusal(status))
  })

  test('guessed tokens: 429 after a while, with how long to wait', async () => {
    const guess = () => scimClient(own.base, `scim_${randomUUID().replaceAll('-', '').padEnd(43, 'a')}`)('GET', '/Users', undefined, { 'x-forwarded-for': '203.0.113.9' })
    let answer = await guess()
    for (let tries = 0; tries < 200 && answer.status === 401; tries += 1) answer = await guess()
    expect(inForm(answer)).toEqual(refusal(429))
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('limits', () => {
  const at = async () => `/Users/${(await own.scim('POST', '/Users', newUser(address()))).body.id}`
  test.each<[string, () => unknown, string]>([
    ['1,001 operations', () => patch(...Array.from({ length: 1_001 }, () => ({ op: 'add', path: 'title', value: 'x' }))), 'invalidSyntax'],
    ['101 values of a list', () => patch({ op: 'replace', path: 'phoneNumbers', value: Array.from({ length: 101 }, (_, n) => ({ value: `+1 ${n}` })) }), 'invalidValue'],
    ['a value of 5,000 characters', () => patch({ op: 'replace', path: 'title', value: 'x'.repeat(5_000) }), 'invalidValue'],
    ['a path of 3,000 characters', () => patch({ op: 'replace', path: `emails[value eq "${'x'.repeat(3_000)}"]`, value: 'x' }), 'invalidPath'],
    ['a path whose filter is nested 30 times', () => patch({ op: 'replace', path: `emails[${'('.repeat(30)}type pr${')'.repeat(30)}].value`, value: 'x' }), 'invalidFilter'],
    ['another message', () => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [{ op: 'add', path: 'title', value: 'x' }] }), 'invalidSyntax'],
  ])('a PATCH with %s is refused', async (_what, body, scimType) => {
    const answer = await own.scim('PATCH', await at(), body())
    expect([...inForm(answer), answer.body.scimType]).toEqual([...refusal(400), scimType])
  })

  test('attribute names and `Operations` come in any case', async () => {
    const answer = await own.scim('PATCH', await at(), { schemas: [PATCH.toUpperCase()], operations: [{ op: 'REPLACE', path: 'NAME.givenname', value: 'Grace' }] })
    expect([answer.status, answer.body.name.givenName]).toEqual([200, 'Grace'])
  })
})

describe('a group of a thousand', () => {
  test('is made, added to, and emptied one by one in one PATCH; larger ones are not answered unasked', async () => {
    const crowd = await makeDirectory(stage)
    const made = await stage.owner.query<{ id: string }>(
      `with people as (
          insert into auth.end_user (project_id, id, email, email_typed, metadata, created_at, updated_at)
          select $1, gen_random_uuid(), 'p' || n || '@many.example', 'p' || n || '@many.example', '{}', now(), now() from generate_series(1, 1100) n
          returning id, email)
        insert into auth.directory_user (project_id, end_user_id, directory_id, user_name, user_name_key, attributes, active, created_at, updated_at)
          select $1, id, $2, email, email, '{"core": {}, "extensions": {}}', true, now(), now() from people returning end_user_id as id`,
      [crowd.projectId.replace('proj_', ''), crowd.id],
    )
    const ids = made.map(({ id }) => id)
    const some = (most: number) => ids.slice(0, most).map((value) => ({ value }))
    const group = await crowd.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Many', members: some(100) })
    const path = `/Groups/${group.body.id}`
    const added = await crowd.scim('PATCH', path, patch({ op: 'add', path: 'members', value: some(1_000) }))
    expect([added.status, added.body.members.length]).toEqual([200, 1_000])
    const beyond = await crowd.scim('PATCH', path, patch({ op: 'add', path: 'members', value: some(1_100) }))
    expect([beyond.status, beyond.body]).toEqual([204, null])
    const out = await crowd.scim('PATCH', path, patch(...ids.slice(0, 1_000).map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }))))
    expect([out.status, out.body.members.length]).toEqual([200, 100])
    const left = (await crowd.scim('GET', path)).body.members.map(({ value }: { value: string }) => value)
    expect(left.toSorted()).toEqual(ids.slice(1_000).toSorted())
  })
})

describe('one resource', () => {
  test('says its own address in the body and in both headers, in every answer', async () => {
    const made = await own.scim('POST', '/Users', newUser(address()))
    const user = `/Users/${made.body.id}`
    const group = await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: randomUUID() })
    const answers = [
      made, group, await own.scim('GET', user), await own.scim('PUT', user, made.body), await own.scim('GET', `/Groups/${group.body.id}`),
      await own.scim('PATCH', user, patch({ op: 'add', path: 'title', value: 'x' })),
      await own.scim('PATCH', `/Groups/${group.body.id}`, patch({ op: 'replace', path: 'displayName', value: randomUUID() })),
      await own.scim('GET', '/ServiceProviderConfig'), await own.scim('GET', '/ResourceTypes/User'), await own.scim('GET', `/Schemas/${USER}`),
    ]
    for (const { body, headers } of answers) {
      const { location } = body.meta
      expect(location).toMatch(/^https?:\/\//)
      expect([headers.get('content-location'), headers.get('location')]).toEqual([location, location])
    }
  })

  test('a reference is asked for as Entra does, by its name alone', async () => {
    const boss = (await own.scim('POST', '/Users', newUser(address()))).body.id
    const { id } = (await own.scim('POST', '/Users', newUser(address(), { [ENTERPRISE]: { manager: { value: boss } } }))).body
    const found = async (filter: string) => (await own.scim('GET', `/Users?attributes=id&filter=${encodeURIComponent(filter)}`)).body.totalResults
    expect([await found(`id eq "${id}" and manager eq "${boss}"`), await found(`id eq "${boss}" and manager eq "${boss}"`)]).toEqual([1, 0])
    const changed = await own.scim('PATCH', `/Users/${id}`, patch({ op: 'Add', path: 'department', value: 'Sales' }))
    expect(changed.body[ENTERPRISE]).toMatchObject({ department: 'Sales', manager: { value: boss } })
  })

  test('a member who is nobody of the directory is left out, and the log says so', async () => {
    const { id } = (await own.scim('POST', '/Users', newUser(address()))).body
    const members = [{ value: 'fake-member-id' }, { value: randomUUID() }, { value: id }]
    const made = await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: randomUUID(), members })
    expect([made.status, made.body.members.map(({ value }: { value: string }) => value)]).toEqual([201, [id]])
    const [event] = (await own.call('GET', `directories/${own.id}/log`)).body.data
    expect([event.status, event.detail]).toEqual([201, '2 of the members are no users of this directory, and were left out.'])
  })

  test('is found by externalId from an index', async () => {
    const role = await connect(stage.control.database.roleUrl('portico_data'))
    try {
      await role.query('begin')
      await role.query(`select set_config('portico.project_id', $1, true)`, [own.projectId.replace('proj_', '')])
      await role.query('set local enable_seqscan = off')
      const sql = new ConditionSql(USER_COLUMNS, [own.id])
      const where = sql.of(readFilter(userType(null), 'externalId eq "x-1"'))
      const text = `explain (costs off) select 1 from auth.directory_user d
        where d.project_id = auth.current_project_id() and d.directory_id = $1 and d.deleted_at is null and ${where}`
      const plan = (await role.query<{ 'QUERY PLAN': string }>(text, sql.values)).map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toMatch(/directory_user_by_external_id[\s\S]*Index Cond: .*external_id = 'x-1'/)
    } finally {
      await role.close()
    }
  })
})
