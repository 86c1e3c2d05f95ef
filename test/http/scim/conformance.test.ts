import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeDirectory, newUser, patch, stageScim, type OwnDirectory, type Stage } from './scim-client.js'

/** What a conformance tester does: it reads the schemas and tries every attribute that they declare, in every operation. */
interface Attribute {
  name: string
  type: string
  multiValued: boolean
  required: boolean
  mutability: string
  canonicalValues?: string[]
  subAttributes?: Attribute[]
}

const CUSTOM = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User'
let stage: Stage
let own: OwnDirectory
let somebody: string
beforeAll(async () => {
  stage = await stageScim()
  const attributes = ['string', 'boolean', 'integer', 'decimal', 'dateTime'].map((type) => ({ name: `my-${type}`, type }))
  own = await makeDirectory(stage, { directory: { custom_schema: { id: CUSTOM, name: 'Acme', attributes } } })
  somebody = (await own.scim('POST', '/Users', newUser(`${randomUUID()}@corp.example`))).body.id
})
afterAll(() => stage?.stop())

/** Something of the right type; the same `n` makes the same. */
function valueOf(attribute: Attribute, n: number, path: string): unknown {
  const one = (): unknown => {
    const { name, type, subAttributes = [], canonicalValues = [] } = attribute
    if (path === 'members') return { value: somebody }
    if (type === 'complex') {
      const parts = subAttributes.filter(({ mutability }) => mutability !== 'readOnly')
      return Object.fromEntries(parts.map((part) => [part.name, valueOf(part, n, `${path}.${part.name}`)]))
    }
    if (type === 'boolean') return name === 'primary' || n % 2 === 0
    if (type === 'integer') return n
    if (type === 'decimal') return n + 0.5
    if (type === 'dateTime') return `2026-01-0${n}T00:00:00.000Z`
    if (type === 'binary') return Buffer.from(`certificate ${n}`).toString('base64')
    if (path === 'emails.value') return `n${n}.${randomUUID()}@${randomUUID()}.com`
    return canonicalValues[n] ?? (type === 'reference' ? `https://${randomUUID()}.test` : randomUUID())
  }
  return attribute.multiValued ? [one()] : one()
}

const paths = async (kind: 'User' | 'Group') => {
  const { Resources: types } = (await own.scim('GET', '/ResourceTypes')).body
  const { schema, schemaExtensions } = types.find(({ name }: { name: string }) => name === kind)
  const found: { path: string; urn: string | null; attribute: Attribute }[] = []
  for (const urn of [schema, ...schemaExtensions.map((each: { schema: string }) => each.schema)]) {
    const { attributes } = (await own.scim('GET', `/Schemas/${urn}`)).body as { attributes: Attribute[] }
    for (const attribute of attributes) {
      found.push({ path: urn === schema ? attribute.name : `${urn}:${attribute.name}`, urn: urn === schema ? null : urn, attribute })
    }
  }
  return found
}

describe.each<['User' | 'Group', () => object]>([
  ['User', () => ({ userName: randomUUID() })],
  ['Group', () => ({ displayName: randomUUID() })],
])('%s', (kind, minimal) => {
  const at = (id: string) => `/${kind}s/${id}`
  const read = (body: Record<string, unknown>, urn: string | null, name: string) =>
    ((urn === null ? body : body[urn]) as Record<string, unknown> | undefined)?.[name]

  test('every attribute can be added, replaced and removed, or is refused where it is read-only or required', async () => {
    const made = await own.scim('POST', `/${kind}s`, minimal())
    expect(made.status).toBe(201)
    const { id } = made.body
    for (const { path, urn, attribute } of await paths(kind)) {
      const look = async () => read((await own.scim('GET', at(id))).body, urn, attribute.name)
      for (const [n, op] of ['add', 'replace'].entries()) {
        const value = valueOf(attribute, n + 1, path)
        const answer = await own.scim('PATCH', at(id), patch({ op, path, value }))
        if (attribute.mutability === 'readOnly') {
          expect([path, op, answer.status, answer.body.scimType]).toEqual([path, op, 400, 'mutability'])
          continue
        }
        expect([path, op, answer.status < 300, answer.body?.detail]).toEqual([path, op, true, undefined])
        if (attribute.type === 'complex') expect([path, await look()]).toMatchObject([path, value as object])
        else expect([path, await look()]).toEqual([path, value])
      }
      if (attribute.mutability === 'readOnly') continue
      const gone = await own.scim('PATCH', at(id), patch({ op: 'remove', path }))
      if (attribute.required) expect([path, gone.status, gone.body.scimType]).toEqual([path, 400, 'mutability'])
      else expect([path, gone.status < 300, (await look()) ?? []]).toEqual([path, true, []])
    }
    expect((await own.scim('DELETE', at(id))).status).toBe(204)
  })

  test('a whole one is made, read, replaced and found as it was sent', async () => {
    const whole: Record<string, unknown> = { externalId: randomUUID() }
    for (const { urn, path, attribute } of await paths(kind)) {
      if (attribute.mutability === 'readOnly') continue
      const value = attribute.name === 'active' ? true : valueOf(attribute, 1, path)
      if (urn === null) whole[attribute.name] = value
      else whole[urn] = { ...(whole[urn] as object | undefined), [attribute.name]: value }
    }
    const made = await own.scim('POST', `/${kind}s`, whole)
    expect([made.status, made.body]).toMatchObject([201, whole])
    expect((await own.scim('GET', at(made.body.id))).body).toEqual(made.body)
    const put = await own.scim('PUT', at(made.body.id), { ...made.body, externalId: 'other' })
    expect(put.body).toMatchObject({ ...whole, externalId: 'other' })
    const found = await own.scim('POST', '/.search', { filter: 'externalId eq "other"', attributes: ['externalId'] })
    expect(found.body.Resources).toEqual([{ schemas: put.body.schemas, id: made.body.id, externalId: 'other' }])
    await own.scim('DELETE', at(made.body.id))
  })
})
