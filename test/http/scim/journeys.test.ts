import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENTERPRISE, GROUP, USER, makeDirectory, patch, stageScim, type OwnDirectory, type Stage } from './scim-client.js'

/** The requests of identity providers, in the order and form of their documentation. */
let stage: Stage
beforeAll(async () => {
  stage = await stageScim()
})
afterAll(() => stage?.stop())

const find = (own: OwnDirectory, noun: string, filter: string, more = '') => own.scim('GET', `/${noun}?filter=${encodeURIComponent(filter)}${more}`)

describe('Microsoft Entra', () => {
  let own: OwnDirectory
  const name = `test_user_${randomUUID()}@corp.example`
  let id: string
  beforeAll(async () => {
    own = await makeDirectory(stage)
  })

  test('tests the connection: a user that cannot exist is an empty list and no error', async () => {
    const answer = await find(own, 'Users', `userName eq "${randomUUID()}"`)
    expect(answer.body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [],
    })
  })

  test('makes a user, and is told when it is there already', async () => {
    const body = {
      schemas: [USER, ENTERPRISE],
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      userName: name,
      active: true,
      emails: [{ primary: true, type: 'work', value: name }],
      meta: { resourceType: 'User' },
      name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
      roles: [],
      [ENTERPRISE]: { department: 'Sales' },
    }
    const made = await own.scim('POST', '/Users', body)
    const shape = { userName: name, externalId: body.externalId, [ENTERPRISE]: { department: 'Sales' } }
    expect([made.status, made.body]).toMatchObject([201, shape])
    id = made.body.id
    expect((await own.scim('POST', '/Users', body)).body.scimType).toBe('uniqueness')
    expect((await find(own, 'Users', `externalId eq "${body.externalId}"`)).body.totalResults).toBe(1)
  })

  test('changes properties of one and of several values', async () => {
    const moved = `updated_${name}`
    const answer = await own.scim('PATCH', `/Users/${id}`, patch(
      { op: 'Replace', path: 'emails[type eq "work"].value', value: moved },
      { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 555' },
      { op: 'Add', path: `${ENTERPRISE}:manager`, value: id },
      { op: 'Replace', path: 'userName', value: moved },
    ))
    expect([answer.status, answer.body]).toMatchObject([200, {
      userName: moved, emails: [{ value: moved, type: 'work', primary: true }], name: { familyName: 'updatedFamilyName' },
      phoneNumbers: [{ type: 'mobile', value: '+1 555' }], [ENTERPRISE]: { manager: { value: id }, department: 'Sales' },
    }])
    expect((await own.call('GET', `users/${id}`)).body.data).toMatchObject({ email: moved, metadata: { family_name: 'updatedFamilyName' } })
  })

  test('disables and enables, with booleans as text', async () => {
    const off = await own.scim('PATCH', `/Users/${id}`, patch({ op: 'Replace', path: 'active', value: 'False' }))
    expect(off.body.active).toBe(false)
    expect((await own.call('GET', `users/${id}`)).body.data.disabled).toBe(true)
    await own.scim('PATCH', `/Users/${id}`, patch({ op: 'Replace', value: { active: 'True' } }))
    expect((await own.call('GET', `users/${id}`)).body.data.disabled).toBe(false)
  })

  test('makes a group, finds it without its members, adds, removes and renames', async () => {
    const display = `displayName_${randomUUID()}`
    const made = await own.scim('POST', '/Groups', {
      schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159', displayName: display, meta: { resourceType: 'Group' },
    })
    expect([made.status, made.body]).toMatchObject([201, { displayName: display, members: [] }])
    const group = made.body.id
    expect((await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: display.toUpperCase() })).body.scimType).toBe('uniqueness')
    const found = await find(own, 'Groups', `displayName eq "${display}"`, '&excludedAttributes=members')
    expect(found.body.Resources).toMatchObject([{ id: group }])
    expect(found.body.Resources[0]).not.toHaveProperty('members')
    const at = `/Groups/${group}`
    expect((await own.scim('PATCH', at, patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: id }] }))).status).toBe(200)
    expect((await own.scim('GET', at)).body.members).toMatchObject([{ value: id }])
    expect((await own.scim('PATCH', at, patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: id }] }))).status).toBe(200)
    expect((await own.scim('GET', at)).body.members).toEqual([])
    expect((await own.scim('PATCH', at, patch({ op: 'Replace', path: 'displayName', value: `new ${display}` }))).status).toBe(200)
    expect((await own.scim('GET', at)).body.displayName).toBe(`new ${display}`)
    expect((await own.scim('PATCH', at, patch({ op: 'Add', path: 'members', value: [{ value: randomUUID() }] }))).body.members).toEqual([])
    expect((await own.scim('DELETE', at)).status).toBe(204)
    expect((await own.scim('GET', at)).status).toBe(404)
  })

  test('deletes, and who comes back has the account again', async () => {
    expect((await own.scim('DELETE', `/Users/${id}`)).status).toBe(204)
    expect((await own.scim('DELETE', `/Users/${id}`)).status).toBe(404)
    expect((await find(own, 'Users', `userName eq "updated_${name}"`)).body.totalResults).toBe(0)
    const again = await own.scim('POST', '/Users', { schemas: [USER], userName: `updated_${name}`, active: true })
    expect([again.status, again.body.id]).toEqual([201, id])
    expect((await own.call('GET', `users/${id}`)).body.data.disabled).toBe(false)
  })
})

describe('Okta', () => {
  let own: OwnDirectory
  const name = `runscope${randomUUID()}@corp.example`
  let id: string
  beforeAll(async () => {
    own = await makeDirectory(stage)
    await own.scim('POST', '/Users', {
      schemas: [USER], userName: 'first@corp.example', name: { givenName: 'F', familyName: 'X' }, emails: [{ value: 'first@corp.example' }],
    })
  })

  test('lists, reads one, and asks for users that are not there', async () => {
    const page = await own.scim('GET', '/Users?count=1&startIndex=1')
    const Resources = [{ active: true, name: { familyName: 'X' } }]
    expect(page.body).toMatchObject({ totalResults: 1, startIndex: 1, itemsPerPage: 1, Resources })
    const one = page.body.Resources[0]
    expect((await own.scim('GET', `/Users/${one.id}`)).body).toMatchObject({ id: one.id, userName: 'first@corp.example' })
    expect((await find(own, 'Users', `userName eq "${randomUUID()}"`)).body.totalResults).toBe(0)
    const missing = await own.scim('GET', '/Users/00919288221112222')
    expect([missing.status, missing.body.schemas, missing.body.detail]).toEqual([404, ['urn:ietf:params:scim:api:messages:2.0:Error'], expect.any(String)])
  })

  test('makes a user with more than we keep, reads it, and may not make it twice', async () => {
    const body = {
      schemas: [USER], userName: name, name: { givenName: 'Run', familyName: 'Scope' }, emails: [{ primary: true, value: name, type: 'work' }],
      displayName: 'Run Scope', locale: 'en-US', externalId: '00ujl29u0le5T6Aj10h7', groups: [], password: '1mz050nq', active: true,
    }
    const made = await own.scim('POST', '/Users', body)
    expect([made.status, made.body]).toMatchObject([201, { active: true, userName: name, name: { familyName: 'Scope', givenName: 'Run' } }])
    expect(JSON.stringify(made.body)).not.toContain('1mz050nq')
    id = made.body.id
    expect((await own.scim('GET', `/Users/${id}`)).body.userName).toBe(name)
    expect((await own.scim('POST', '/Users', body)).status).toBe(409)
  })

  test('replaces a profile, deactivates and reactivates by PATCH and by PUT', async () => {
    const whole = (await own.scim('GET', `/Users/${id}`)).body
    const replaced = await own.scim('PUT', `/Users/${id}`, { ...whole, name: { givenName: 'Another', familyName: 'Name' } })
    expect([replaced.status, replaced.body.name]).toEqual([200, { givenName: 'Another', familyName: 'Name' }])
    expect((await own.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: false } }))).body.active).toBe(false)
    expect((await own.scim('PUT', `/Users/${id}`, { ...whole, active: true })).body.active).toBe(true)
    expect((await own.scim('PUT', `/Users/${id}`, { schemas: [USER], userName: name })).body).toMatchObject({ active: true, userName: name })
    expect((await own.scim('PUT', `/Users/${randomUUID()}`, whole)).status).toBe(404)
  })

  test('pushes a group, its name and its people', async () => {
    expect((await own.scim('GET', '/Groups?count=100&startIndex=1')).body.Resources).toEqual([])
    const members = [{ value: id, display: name }]
    const made = await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Test SCIMv2', members })
    const at = `/Groups/${made.body.id}`
    expect((await own.scim('PATCH', at, patch({ op: 'replace', value: { id: made.body.id, displayName: 'Test SCIMv2 1' } }))).status).toBe(200)
    const add = { op: 'add', path: 'members', value: [{ value: id, display: name }] }
    const both = patch({ op: 'remove', path: `members[value eq "${id}"]` }, add)
    expect((await own.scim('PATCH', at, both)).status).toBe(200)
    const replaced = await own.scim('PUT', at, { schemas: [GROUP], displayName: 'Test SCIMv2 2', members: [] })
    expect(replaced.body).toMatchObject({ displayName: 'Test SCIMv2 2', members: [] })
    const shown = await own.scim('PATCH', `${at}?attributes=displayName`, patch({ op: 'replace', path: 'members', value: [{ value: id }] }))
    expect([shown.status, shown.body.displayName]).toEqual([200, 'Test SCIMv2 2'])
    expect((await own.scim('GET', `/Users/${id}`)).body.groups).toMatchObject([{ value: made.body.id, display: 'Test SCIMv2 2' }])
  })
})
