import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject } from '../../support/control-plane.js'
import {
  ERROR, GROUP, makeDirectory, PATCH, scimClient, stageScim, USER, type OwnDirectory, type ScimAnswer, type Stage,
} from './scim-client.js'

/**
 * What public conformance testers ask for (the suites of scim2/test-suite, python-scim/scim2-tester, Microsoft's validator and Okta's SPEC
 * test), each as one row: what is sent, and what has to hold of the answer. The attribute-by-attribute ones are in conformance.test.ts.
 */
let stage: Stage
let own: OwnDirectory
beforeAll(async () => {
  stage = await stageScim()
  own = await makeDirectory(stage)
})
afterAll(() => stage?.stop())

const name = () => `tester-${randomUUID()}`
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const make = async (more: Record<string, unknown> = {}) => {
  const made = await own.scim('POST', '/Users', { schemas: [USER], userName: name(), ...more })
  expect([made.status, made.body.detail]).toEqual([201, undefined])
  return made
}
const patch = (id: string, ...Operations: unknown[]) => own.scim('PATCH', `/Users/${id}`, { schemas: [PATCH], Operations })
const read = async (id: string) => (await own.scim('GET', `/Users/${id}`)).body

describe('discovery', () => {
  test.each(['/ServiceProviderConfig', '/ResourceTypes', '/Schemas'])('%s: content type, and the location of everything in it', async (path) => {
    const answer = await own.scim('GET', path)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/scim+json; charset=utf-8'])
    const all = (answer.body.Resources ?? [answer.body]) as { meta: { location: string } }[]
    for (const { meta } of all) {
      // The announced address is the public one; the path behind it is the same.
      const found = await own.scim('GET', new URL(meta.location).pathname.replace(/^.*\/scim\/v2/, ''))
      expect([meta.location, found.status, found.body.meta]).toEqual([meta.location, 200, meta])
    }
  })

  test('query parameters are ignored where one thing is described; lists of descriptions are not filtered', async () => {
    expect((await own.scim('GET', '/ServiceProviderConfig?filter=invalid&sortBy=id&startIndex=999')).status).toBe(200)
    for (const path of ['/Schemas', '/ResourceTypes']) expect((await own.scim('GET', `${path}?filter=id%20pr`)).status).toBe(403)
  })

  test('what a resource type names is among the schemas, and no schema of a message is', async () => {
    const ids = (await own.scim('GET', '/Schemas')).body.Resources.map(({ id }: { id: string }) => id)
    for (const { schema, schemaExtensions } of (await own.scim('GET', '/ResourceTypes')).body.Resources) {
      expect(ids).toContain(schema)
      for (const each of schemaExtensions) expect(ids).toContain(each.schema)
    }
    expect(ids.filter((id: string) => id.includes(':api:messages:'))).toEqual([])
  })

  test.each(['/Schemas/urn:x', '/ResourceTypes/Device', `/${randomUUID()}`, `/Users/${randomUUID()}`, '/Users/nonexistent', '/'])(
    '404 in the form of an error: %s', async (path) => {
      const answer = await own.scim('GET', path)
      expect([answer.status, answer.body.schemas, answer.body.status]).toEqual([404, [ERROR], '404'])
    })

  test.each([
    ['GET', '/Me'], ['POST', '/Me'], ['PATCH', '/Me'], ['DELETE', '/Me'], ['POST', '/Bulk'],
  ])('%s %s is not implemented, as announced', async (method, path) => {
    const answer = await own.scim(method, path, method === 'GET' ? undefined : {})
    expect([answer.status, answer.body.status]).toEqual([501, '501'])
    expect((await own.scim('POST', '/Devices', {})).status).toBe(404)
    expect((await own.scim('GET', '/ServiceProviderConfig')).body.bulk).toEqual({ supported: false, maxOperations: 0, maxPayloadSize: 0 })
  })

  test.each(['/Users', '/Groups', '/Schemas', '/ResourceTypes', `/Schemas/${USER}`])('without a token: how to authenticate (%s)', async (path) => {
    const answer = await scimClient(own.base, null)('GET', path)
    expect([answer.status, answer.headers.get('www-authenticate')?.startsWith('Bearer'), answer.body.schemas]).toEqual([401, true, [ERROR]])
  })

  test('the config is read without a token, alike where there is a directory and where there is none; a wrong token is refused', async () => {
    const bare = `${stage.data.url}/${await makeProject(stage.control, { enable: true })}`
    const config = async (base: string) => {
      const { status, headers, body: { meta, ...body } } = await scimClient(base, null)('GET', '/ServiceProviderConfig')
      expect([meta.location, new URL(meta.location).pathname]).toEqual([headers.get('location'), new URL(`${base}/scim/v2/ServiceProviderConfig`).pathname])
      return { status, type: headers.get('content-type'), body }
    }
    const said = await config(own.base)
    expect([said.status, said.type]).toEqual([200, 'application/scim+json; charset=utf-8'])
    expect(said.body.authenticationSchemes[0].type).toBe('oauthbearertoken')
    expect(await config(bare)).toEqual(said)
    for (const authorization of [`Bearer scim_${'a'.repeat(43)}`, 'Basic dTpw', 'Bearer']) {
      const refused = await scimClient(own.base, null)('GET', '/ServiceProviderConfig', undefined, { authorization })
      expect([authorization, refused.status, refused.body.schemas]).toEqual([authorization, 401, [ERROR]])
    }
  })
})

describe('made and replaced', () => {
  test('common attributes are ours: what was sent of id and meta is left out', async () => {
    const made = await make({ id: 'mine', meta: { resourceType: 'Invalid', created: '1999-01-01T00:00:00Z' } })
    const { id, meta, schemas } = made.body
    expect(meta).toMatchObject({ resourceType: 'User', created: meta.lastModified, version: 'W/"1"' })
    expect([made.headers.get('location'), made.headers.get('etag'), schemas]).toEqual([meta.location, meta.version, [USER]])
    expect(id).not.toBe('mine')
    expect(made.body).not.toHaveProperty('externalId')
    const put = await own.scim('PUT', `/Users/${id}`, { schemas: [USER], userName: made.body.userName, id: 'other', meta: { resourceType: 'x' } })
    expect([put.status, put.body.id, put.body.meta.resourceType]).toEqual([200, id, 'User'])
  })

  test('attributes in any order and any case; unknown ones are left out; the password never comes back', async () => {
    const emails = [{ VALUE: 'CASED@corp.example', Type: 'work' }]
    const made = await make({ DISPLAYNAME: 'CaSeD', NickName: 'n', shoeSize: 7, password: 's3cret!', Emails: emails })
    expect(made.body).toMatchObject({ displayName: 'CaSeD', nickName: 'n', emails: [{ value: 'CASED@corp.example', type: 'work' }] })
    for (const absent of ['shoeSize', 'password', 'DISPLAYNAME']) expect(await read(made.body.id)).not.toHaveProperty(absent)
  })

  test('null and the empty list are the same as absent', async () => {
    const made = await make({ displayName: null, phoneNumbers: [], addresses: null, name: { middleName: null } })
    for (const absent of ['displayName', 'phoneNumbers', 'addresses', 'name']) expect(made.body).not.toHaveProperty(absent)
  })

  const twoPrimary = ['a', 'b'].map((each) => ({ value: `${each}@corp.example`, primary: true }))
  test.each<[string, unknown, number, string | undefined]>([
    ['no userName', { schemas: [USER], displayName: 'x' }, 400, 'invalidValue'],
    ['an empty userName', { schemas: [USER], userName: ' ' }, 400, 'invalidValue'],
    ['two primary values', { userName: 'p', emails: twoPrimary }, 400, 'invalidValue'],
    ['another schema', { schemas: [GROUP], userName: 'x' }, 400, 'invalidSyntax'],
    ['a list', [], 400, 'invalidSyntax'],
    ['no JSON', '{', 400, 'invalidSyntax'],
    ['a number for a name', { userName: 7 }, 400, 'invalidValue'],
  ])('refused: %s', async (_what, body, status, scimType) => {
    const answer = await own.scim('POST', '/Users', body)
    expect([answer.status, answer.body.schemas, answer.body.scimType]).toEqual([status, [ERROR], scimType])
  })

  test('a value stands once in a list, whoever sends it how often', async () => {
    const twice = ['work', 'work', 'home'].map((type) => ({ value: 'dup@corp.example', type }))
    const made = await make({ emails: twice })
    expect(made.body.emails).toHaveLength(2)
    expect((await patch(made.body.id, { op: 'replace', path: 'emails', value: twice })).body.emails).toHaveLength(2)
  })

  test('taken names are 409, a PUT makes nobody and leaves out what it does not say', async () => {
    const made = await make({ displayName: 'here', title: 'gone' })
    const again = await own.scim('POST', '/Users', { schemas: [USER], userName: made.body.userName.toUpperCase() })
    expect([again.status, again.body.scimType]).toEqual([409, 'uniqueness'])
    expect((await own.scim('PUT', `/Users/${randomUUID()}`, { schemas: [USER], userName: name() })).status).toBe(404)
    const put = await own.scim('PUT', `/Users/${made.body.id}`, { schemas: [USER], userName: made.body.userName, displayName: 'new' })
    expect([put.body.displayName, put.body.title]).toEqual(['new', undefined])
    expect((await own.scim('PUT', `/Users/${made.body.id}`, { schemas: [USER], displayName: 'x' })).status).toBe(400)
  })

  test('deleted: 204 without a body, then nowhere', async () => {
    const { body } = await make()
    const gone = await own.scim('DELETE', `/Users/${body.id}`)
    expect([gone.status, gone.body]).toEqual([204, null])
    expect((await own.scim('GET', `/Users/${body.id}`)).status).toBe(404)
    expect((await own.scim('DELETE', `/Users/${body.id}`)).status).toBe(404)
    expect((await own.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${body.userName}"`)}`)).body.totalResults).toBe(0)
  })
})

describe('PATCH', () => {
  test('what is there already changes neither version nor time; a PUT of the same neither', async () => {
    const { body } = await make({ displayName: 'Existing', emails: [{ value: `${name()}@corp.example`, type: 'work' }] })
    for (const operation of [
      { op: 'add', path: 'displayName', value: 'Existing' }, { op: 'replace', path: 'active', value: true },
      { op: 'add', path: 'emails', value: body.emails },
      { op: 'remove', path: 'title' },
    ]) {
      const answer = await patch(body.id, operation)
      expect([operation, answer.status, answer.body.meta]).toEqual([operation, 200, body.meta])
    }
    const put = await own.scim('PUT', `/Users/${body.id}`, body)
    expect(put.body.meta).toEqual(body.meta)
  })

  test('all operations or none', async () => {
    const { body } = await make({ displayName: 'before' })
    const wrong = [
      { op: 'remove', path: 'userName' }, { op: 'replace', path: 'id', value: 'x' }, { op: 'replace', path: 'shoeSize', value: 1 },
    ]
    for (const second of wrong) {
      const answer = await patch(body.id, { op: 'replace', path: 'displayName', value: 'after' }, second)
      expect([second, answer.status, (await read(body.id)).displayName]).toEqual([second, 400, 'before'])
    }
  })

  test.each<[string, object[], string]>([
    ['a required attribute taken away', [{ op: 'remove', path: 'userName' }], 'mutability'],
    ['what is read-only', [{ op: 'replace', path: 'meta.created', value: 'x' }], 'mutability'],
    ['an unknown path', [{ op: 'add', path: 'shoeSize', value: 1 }], 'invalidPath'],
    ['remove without a path', [{ op: 'remove' }], 'noTarget'],
    ['a replace of no value', [{ op: 'replace', path: 'emails[type eq "nonexistent"].value', value: 'nope@corp.example' }], 'noTarget'],
    ['another op', [{ op: 'move', path: 'title', value: 'x' }], 'invalidSyntax'],
    ['no operations', [], 'invalidSyntax'],
  ])('refused: %s', async (_what, operations, scimType) => {
    const { body } = await make({ emails: [{ value: `${name()}@corp.example`, type: 'work' }] })
    const answer = await patch(body.id, ...operations)
    expect([answer.status, answer.body.schemas, answer.body.scimType]).toEqual([400, [ERROR], scimType])
    expect((await read(body.id)).meta.version).toBe(body.meta.version)
  })

  test('a value path replaces the values that match, and no others; a new primary value takes that from the old one', async () => {
    const [work, home] = [`${name()}@corp.example`, `${name()}@corp.example`]
    const { body } = await make({ emails: [{ value: work, type: 'work', primary: true }, { value: home, type: 'home' }] })
    const moved = `${name()}@corp.example`
    const first = await patch(body.id, { op: 'replace', path: 'emails[type eq "work"].value', value: moved })
    expect(first.body.emails).toEqual([{ value: moved, type: 'work', primary: true }, { value: home, type: 'home' }])
    const second = await patch(body.id, { op: 'add', path: 'emails', value: [{ value: `${name()}@corp.example`, type: 'other', primary: true }] })
    expect(second.body.emails.filter(({ primary }: { primary?: boolean }) => primary === true)).toHaveLength(1)
    // Entra sets the number of somebody who has none so, with either op.
    const third = await patch(body.id, { op: 'Replace', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 555' })
    expect(third.body.phoneNumbers).toEqual([{ type: 'mobile', value: '+1 555' }])
    const fourth = await patch(body.id, { op: 'remove', path: 'emails[type eq "home"]' })
    expect(fourth.body.emails.map(({ type }: { type: string }) => type)).toEqual(['work', 'other'])
  })

  test('parts of a complex attribute that are not named stay', async () => {
    const { body } = await make({ name: { givenName: 'Ada', familyName: 'Byron' } })
    const added = await patch(body.id, { op: 'add', path: 'name', value: { familyName: 'Lovelace' } })
    expect(added.body.name).toEqual({ givenName: 'Ada', familyName: 'Lovelace' })
    expect((await patch(body.id, { op: 'replace', value: { 'name.middleName': 'K' } })).body.name).toMatchObject({ givenName: 'Ada', middleName: 'K' })
    expect((await patch(body.id, { op: 'remove', path: 'name' })).body).not.toHaveProperty('name')
  })

  test('a disabled person says so in a GET and in a filtered list', async () => {
    const { body } = await make({ active: true })
    await patch(body.id, { op: 'Replace', path: 'active', value: 'False' })
    const listed = await own.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${body.userName}"`)}`)
    expect([(await read(body.id)).active, listed.body.Resources[0].active]).toEqual([false, false])
  })
})

describe('reading', () => {
  const holds = ({ status, body }: ScimAnswer) => {
    const numbers = ['totalResults', 'startIndex', 'itemsPerPage'].map((each) => typeof body[each])
    expect([status, body.schemas, numbers, Array.isArray(body.Resources)]).toEqual([200, [LIST], ['number', 'number', 'number'], true])
  }

  test.each(['/Users?count=1&startIndex=1', '/Users?count=0', '/Users?startIndex=0', '/Users?startIndex=-3', '/Users?count=-1', '/Groups', '/Users?filter=userName%20eq%20%22nobody%22',
    '/Users?sortBy=userName', '/Users?sortBy=userName&sortOrder=descending', '/Users?filter=name.givenName%20pr', '/Users?startIndex=1000'])('%s is a whole list', async (path) => {
    const answer = await own.scim('GET', path)
    holds(answer)
    if (path.includes('count=0')) expect([answer.body.Resources, answer.body.totalResults > 0]).toEqual([[], true])
    if (path.includes('nobody')) expect(answer.body.totalResults).toBe(0)
  })

  test('attributes and excludedAttributes, on every operation that answers a resource, in any case', async () => {
    const { body } = await make({ displayName: 'Shown', title: 'Hidden', externalId: 'x' })
    const at = `/Users/${body.id}`
    const filter = encodeURIComponent(`id eq "${body.id}"`)
    const only: [string, string, unknown?][] = [
      ['GET', `${at}?attributes=displayname`], ['GET', `/Users?attributes=displayName&filter=${filter}`], ['PUT', `${at}?attributes=displayName`, body],
      ['PATCH', `${at}?attributes=displayName`, { schemas: [PATCH], Operations: [{ op: 'add', path: 'nickName', value: 'n' }] }],
      ['POST', '/Users/.search', { attributes: ['displayName'], filter: `id eq "${body.id}"` }], ['POST', '/.search', { attributes: ['displayName'], filter: `id eq "${body.id}"` }],
    ]
    for (const [method, path, sent] of only) {
      const answer = await own.scim(method, path, sent)
      const shown = { schemas: [USER], id: body.id, displayName: 'Shown' }
      expect([method, path, answer.body.Resources?.[0] ?? answer.body]).toEqual([method, path, shown])
    }
    const without = (await own.scim('GET', `${at}?excludedAttributes=displayName,id,schemas`)).body
    expect([without.id, without.schemas, without.title, without.displayName]).toEqual([body.id, [USER], 'Hidden', undefined])
  })

  test('versions: 412 for an old one, 304 for the one that is known', async () => {
    const { body } = await make()
    const at = `/Users/${body.id}`
    const put = { schemas: [USER], userName: body.userName, title: 'x' }
    for (const [method, sent] of [['PUT', put], ['PATCH', { schemas: [PATCH], Operations: [{ op: 'add', path: 'title', value: 'x' }] }], ['DELETE', undefined]] as const) {
      const answer = await own.scim(method, at, sent, { 'if-match': 'W/"wrong"' })
      expect([method, answer.status, answer.body.schemas]).toEqual([method, 412, [ERROR]])
    }
    expect((await own.scim('GET', at, undefined, { 'if-none-match': body.meta.version })).status).toBe(304)
    const changed = await own.scim('PUT', at, put, { 'if-match': body.meta.version })
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, changed.body.meta.version])
    expect((await own.scim('GET', at, undefined, { 'if-none-match': body.meta.version })).status).toBe(200)
  })

  test.each([
    'application/json', 'application/scim+json', '*/*', 'text/html, application/json;q=0.9',
  ])('asked for as %s, it is answered', async (accept) => {
    const answer = await own.scim('GET', '/Users?count=1', undefined, { accept })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/scim+json; charset=utf-8'])
    expect((await own.scim('POST', '/Users', { userName: name() }, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201)
  })
})

describe('groups', () => {
  test('made, read without members, patched and left as it was', async () => {
    const { body: user } = await make({ displayName: 'Member' })
    const made = await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: name(), externalId: 'g', members: [{ value: user.id, type: 'User' }] })
    expect([made.status, made.headers.get('location')]).toEqual([201, made.body.meta.location])
    expect(made.body.members).toMatchObject([{ value: user.id, $ref: user.meta.location, display: 'Member' }])
    const at = `/Groups/${made.body.id}`
    expect((await own.scim('GET', `${at}?excludedAttributes=members`)).body).not.toHaveProperty('members')
    const same = await own.scim('PATCH', at, { schemas: [PATCH], Operations: [{ op: 'Add', path: 'members', value: [{ value: user.id }] }] })
    expect([same.status, same.headers.get('etag'), same.body.meta]).toEqual([200, made.body.meta.version, made.body.meta])
    const out = await own.scim('PATCH', at, { schemas: [PATCH], Operations: [{ op: 'Remove', path: `members[value eq "${user.id}"]` }] })
    expect([out.status, out.body.members, (await own.scim('GET', at)).body.members]).toEqual([200, [], []])
    const shown = await own.scim('PATCH', at, { schemas: [PATCH], Operations: [{ op: 'replace', path: 'externalId', value: 'h' }] }, { prefer: 'return=representation' })
    expect([shown.status, shown.body.externalId, shown.headers.get('preference-applied')]).toEqual([200, 'h', 'return=representation'])
    const dup = await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: made.body.displayName.toUpperCase() })
    expect([dup.status, dup.body.scimType]).toEqual([409, 'uniqueness'])
  })

  test('Prefer: return=minimal is answered with no body (RFC 7240)', async () => {
    const { body } = await make()
    const answer = await own.scim('PATCH', `/Users/${body.id}`, { schemas: [PATCH], Operations: [{ op: 'add', path: 'title', value: 't' }] }, { prefer: 'return=minimal' })
    expect([answer.status, answer.body, answer.headers.get('preference-applied')]).toEqual([204, null, 'return=minimal'])
    expect((await read(body.id)).title).toBe('t')
  })
})
