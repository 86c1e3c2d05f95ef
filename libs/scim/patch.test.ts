import { describe, expect, test } from 'vitest'
import { ENTERPRISE_URN, GROUP_TYPE, userType } from './core-schemas.js'
import { splitGroupPatch } from './patch-members.js'
import { readPatch } from './patch-operations.js'
import { patchResource } from './patch.js'
import type { Resource } from './resource.js'
import { ScimProblem } from './scim-problem.js'

const CUSTOM = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User'
const type = userType({
  id: CUSTOM,
  name: 'Acme',
  description: 'Acme',
  attributes: ['tags', 'badge'].map((name) => ({
    name, type: 'string', description: name, multiValued: name === 'tags', required: false, caseExact: false,
    mutability: 'readWrite', returned: 'default', uniqueness: 'none',
  })),
})

const before: Resource = {
  externalId: 'e1',
  core: {
    userName: 'ada@corp.example',
    active: true,
    name: { givenName: 'Ada', familyName: 'Byron' },
    emails: [{ value: 'ada@corp.example', type: 'work', primary: true }, { value: 'ada@home.example', type: 'home' }],
  },
  extensions: { [ENTERPRISE_URN]: { department: 'Engines' } },
}

const patched = (...operations: unknown[]) => patchResource(type, before, readPatch({ Operations: operations }))

describe('a PATCH', () => {
  test.each<[string, unknown, (resource: Resource) => unknown, unknown]>([
    ['Entra: Replace of active with "False"', { op: 'Replace', path: 'active', value: 'False' }, (r) => r.core['active'], false],
    ['Okta: replace without a path', { op: 'replace', value: { active: false } }, (r) => r.core['active'], false],
    ['add in capitals', { op: 'ADD', path: 'title', value: 'Countess' }, (r) => r.core['title'], 'Countess'],
    ['a part by a dot', { op: 'Replace', path: 'name.familyName', value: 'Lovelace' }, (r) => r.core['name'],
      { givenName: 'Ada', familyName: 'Lovelace' }],
    ['dotted keys of a value without a path', { op: 'Add', value: { 'name.familyName': 'King', displayName: 'Ada King' } },
      (r) => [r.core['name'], r.core['displayName']], [{ givenName: 'Ada', familyName: 'King' }, 'Ada King']],
    ['a complex value keeps the parts that it does not name', { op: 'replace', path: 'name', value: { familyName: 'King' } },
      (r) => r.core['name'], { givenName: 'Ada', familyName: 'King' }],
    ['names in any case', { op: 'replace', path: 'NAME.FAMILYNAME', value: 'King' }, (r) => r.core['name'],
      { givenName: 'Ada', familyName: 'King' }],
    ['a URN path', { op: 'Replace', path: `${ENTERPRISE_URN}:department`, value: 'Poetry' }, (r) => r.extensions[ENTERPRISE_URN],
      { department: 'Poetry' }],
    ['a URN key without a path', { op: 'Add', value: { [`${ENTERPRISE_URN}:costCenter`]: '7' } }, (r) => r.extensions[ENTERPRISE_URN],
      { department: 'Engines', costCenter: '7' }],
    ['a whole extension without a path', { op: 'add', value: { [ENTERPRISE_URN]: { division: 'A' } } },
      (r) => r.extensions[ENTERPRISE_URN], { department: 'Engines', division: 'A' }],
    ['a manager by id alone', { op: 'Add', path: `${ENTERPRISE_URN}:manager`, value: 'boss-1' },
      (r) => r.extensions[ENTERPRISE_URN]?.['manager'], { value: 'boss-1' }],
    ['the core URN before a path', { op: 'add', path: 'urn:ietf:params:scim:schemas:core:2.0:User:title', value: 'x' },
      (r) => r.core['title'], 'x'],
    ['an attribute of the directory’s own', { op: 'add', path: `${CUSTOM}:tags`, value: ['a', 'b'] },
      (r) => r.extensions[CUSTOM], { tags: ['a', 'b'] }],
    ['removal of an extension', { op: 'remove', path: ENTERPRISE_URN }, (r) => r.extensions, {}],
    ['removal of the last part of an extension', { op: 'remove', path: `${ENTERPRISE_URN}:department` }, (r) => r.extensions, {}],
    ['a value chosen by its use', { op: 'replace', path: 'emails[type eq "work"].value', value: 'new@corp.example' },
      (r) => r.core['emails'], [{ value: 'new@corp.example', type: 'work', primary: true }, { value: 'ada@home.example', type: 'home' }]],
    ['Entra: the use that nobody has yet', { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1' },
      (r) => r.core['phoneNumbers'], [{ type: 'mobile', value: '+1' }]],
    ['Entra: Replace of what is not there', { op: 'Replace', path: 'addresses[type eq "work"].country', value: 'GB' },
      (r) => r.core['addresses'], [{ type: 'work', country: 'GB' }]],
    ['a boolean in a filter as text', { op: 'replace', path: 'emails[primary eq "True"].display', value: 'Ada' },
      (r) => r.core['emails'],
      [{ value: 'ada@corp.example', type: 'work', primary: true, display: 'Ada' }, { value: 'ada@home.example', type: 'home' }]],
    ['a new preferred value takes it from the old one', { op: 'add', path: 'emails', value: [{ value: 'c@x.example', primary: true }] },
      (r) => (r.core['emails'] as { primary?: boolean }[]).map(({ primary }) => primary ?? false), [false, false, true]],
    ['what is there already is not there twice', { op: 'add', path: 'emails', value: { value: 'ada@home.example', type: 'home' } },
      (r) => r.core['emails'], before.core['emails']],
    ['a replaced list', { op: 'replace', path: 'emails', value: [{ value: 'one@x.example' }] }, (r) => r.core['emails'],
      [{ value: 'one@x.example' }]],
    ['removal by a filter', { op: 'remove', path: 'emails[type eq "home"]' }, (r) => r.core['emails'],
      [{ value: 'ada@corp.example', type: 'work', primary: true }]],
    ['removal of a value leaves no empty entry', { op: 'remove', path: 'emails[type eq "home"].value' }, (r) => r.core['emails'],
      [{ value: 'ada@corp.example', type: 'work', primary: true }]],
    ['removal by value, as Entra does', { op: 'Remove', path: 'emails', value: [{ value: 'ada@home.example' }] }, (r) => r.core['emails'],
      [{ value: 'ada@corp.example', type: 'work', primary: true }]],
    ['removal of what is not there', { op: 'remove', path: 'emails[type eq "other"]' }, (r) => r.core['emails'], before.core['emails']],
    ['add of null changes nothing', { op: 'add', path: 'userName', value: null }, (r) => r.core['userName'], 'ada@corp.example'],
    ['null takes away', { op: 'replace', path: 'name', value: null }, (r) => r.core['name'], undefined],
    ['externalId', { op: 'replace', path: 'externalId', value: 'e2' }, (r) => r.externalId, 'e2'],
    ['what the client only repeats', { op: 'replace', value: { id: 'x', schemas: [], meta: {}, title: 'y' } }, (r) => r.core['title'], 'y'],
    ['a bracket within quotes', { op: 'add', path: 'emails[value eq "a]b"].display', value: 'z' },
      (r) => (r.core['emails'] as unknown[])[2], { value: 'a]b', display: 'z' }],
  ])('%s', (_what, operation, look, expected) => {
    expect(look(patched(operation))).toEqual(expected)
  })

  test.each<[string, unknown, string]>([
    ['an unknown op', { op: 'move', path: 'title', value: 'x' }, 'invalidSyntax'],
    ['remove without a path', { op: 'remove' }, 'noTarget'],
    ['add without a value', { op: 'add', path: 'title' }, 'invalidValue'],
    ['an unknown attribute', { op: 'add', path: 'shoeSize', value: 1 }, 'invalidPath'],
    ['an unknown key without a path', { op: 'add', value: { shoeSize: 1 } }, 'invalidPath'],
    ['an unknown URN', { op: 'add', path: 'urn:example:other:tag', value: 'x' }, 'invalidPath'],
    ['an open bracket', { op: 'add', path: 'emails[type eq "work"', value: 'x' }, 'invalidPath'],
    ['a filter that is none', { op: 'add', path: 'emails[type is work].value', value: 'x' }, 'invalidFilter'],
    ['a filter on what is no list', { op: 'add', path: 'name[givenName eq "Ada"]', value: 'x' }, 'noTarget'],
    ['an id', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    ['groups of a person', { op: 'add', path: 'groups', value: [{ value: 'x' }] }, 'mutability'],
    ['meta', { op: 'replace', path: 'meta.created', value: '2026-01-01T00:00:00Z' }, 'mutability'],
    ['removal of a required attribute', { op: 'remove', path: 'userName' }, 'mutability'],
    ['an empty required attribute', { op: 'replace', path: 'userName', value: ' ' }, 'invalidValue'],
    ['text for a boolean', { op: 'replace', path: 'active', value: 'maybe' }, 'invalidValue'],
    ['a number for text', { op: 'replace', path: 'title', value: 7 }, 'invalidValue'],
    ['U+0000', { op: 'replace', path: 'title', value: 'a\0b' }, 'invalidValue'],
    ['half a character', { op: 'replace', path: 'title', value: '\ud800' }, 'invalidValue'],
    ['two preferred values', { op: 'replace', path: 'emails', value: ['a', 'b'].map((value) => ({ value, primary: true })) }, 'invalidValue'],
  ])('%s is refused', (_what, operation, scimType) => {
    expect(() => patched(operation)).toThrowError(expect.objectContaining({ scimType }))
  })

  test.each<[string, unknown]>([
    ['path __proto__', { op: 'add', path: '__proto__.polluted', value: 'yes' }],
    ['key __proto__ without a path', { op: 'add', value: { '__proto__.polluted': 'yes' } }],
    ['path constructor.prototype', { op: 'add', path: 'constructor.prototype.polluted', value: 'yes' }],
    ['path __proto__ in a URN', { op: 'add', path: `${ENTERPRISE_URN}:__proto__.polluted`, value: 'yes' }],
    ['an object with __proto__ as its own key', { op: 'add', value: JSON.parse('{"__proto__": {"polluted": "yes"}}') as unknown }],
    ['a part __proto__', { op: 'add', path: 'name.__proto__', value: { polluted: 'yes' } }],
    ['a filter on __proto__', { op: 'add', path: 'emails[__proto__ eq "x"].value', value: 'yes' }],
  ])('%s reaches no prototype', (_what, operation) => {
    expect(() => patched(operation)).toThrow(ScimProblem)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted')
  })

  test('within a value such names are left out', () => {
    const text = '{"givenName": "A", "__proto__": {"polluted": "yes"}, "constructor": {"prototype": {"polluted": "yes"}}}'
    const value = JSON.parse(text) as unknown
    expect(patched({ op: 'add', path: 'name', value }).core['name']).toEqual({ givenName: 'A', familyName: 'Byron' })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('is all or nothing, and does not change what it was given', () => {
    const copy = structuredClone(before)
    expect(() => patched({ op: 'replace', path: 'title', value: 'x' }, { op: 'replace', path: 'userName', value: '' })).toThrow(ScimProblem)
    expect(before).toEqual(copy)
  })
})

describe('the members of a group', () => {
  test.each<[string, unknown[], unknown]>([
    ['Entra adds', [{ op: 'Add', path: 'members', value: [{ $ref: null, value: 'U1' }] }], [{ kind: 'add', ids: ['u1'] }]],
    ['Entra removes by value', [{ op: 'Remove', path: 'members', value: [{ value: 'u1' }] }], [{ kind: 'remove', ids: ['u1'] }]],
    ['Okta removes by a filter', [{ op: 'remove', path: 'members[value eq "u1"]' }], [{ kind: 'remove', ids: ['u1'] }]],
    ['several by or', [{ op: 'remove', path: 'members[value eq "u1" or value eq "u2"]' }], [{ kind: 'remove', ids: ['u1', 'u2'] }]],
    ['everybody', [{ op: 'remove', path: 'members' }], [{ kind: 'remove', ids: null }]],
    ['a new list', [{ op: 'replace', path: 'members', value: [{ value: 'u3' }] }], [{ kind: 'replace', ids: ['u3'] }]],
    ['without a path', [{ op: 'replace', value: { id: 'g', members: [{ value: 'u3' }] } }], [{ kind: 'replace', ids: ['u3'] }]],
    ['in the order of the operations', [
      { op: 'remove', path: 'members[value eq "a"]' }, { op: 'add', path: 'members', value: [{ value: 'b' }] },
    ], [{ kind: 'remove', ids: ['a'] }, { kind: 'add', ids: ['b'] }]],
  ])('%s', (_what, operations, expected) => {
    expect(splitGroupPatch(readPatch({ Operations: operations })).members).toEqual(expected)
  })

  test('the rest is for the group', () => {
    const { members, rest } = splitGroupPatch(readPatch({ Operations: [{ op: 'replace', value: { displayName: 'B', members: [] } }] }))
    expect([members, patchResource(GROUP_TYPE, { externalId: null, core: { displayName: 'A' }, extensions: {} }, rest).core]).toEqual([
      [{ kind: 'replace', ids: [] }],
      { displayName: 'B' },
    ])
  })
})
