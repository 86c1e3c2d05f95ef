import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

describe('making', () => {
  test('everything that is given comes back', async () => {
    const body = {
      name: '  Café Zürich ',
      slug: 'cafe',
      external_project_id: 'ext-1',
      metadata: { plan: 'free' },
      resource_type: 'deployment',
    }
    const made = await plane.call('POST', 'projects', body)
    expect(made.status).toBe(201)
    expect(made.body.data).toMatchObject({ ...body, name: 'Café Zürich', archived_at: null })
    expect((await plane.call('GET', `projects/${made.body.data.id}`)).body).toEqual(made.body)
    expect((await plane.call('GET', `projects/${made.body.data.id.slice(5)}`)).body).toEqual(made.body)
  })

  test('a slug is made from the name, and made unique', async () => {
    const first = await plane.call('POST', 'projects', { name: 'Grüne Küche!' })
    const second = await plane.call('POST', 'projects', { name: 'Grune Kuche' })
    expect(first.body.data.slug).toBe('grune-kuche')
    expect(second.body.data.slug).toMatch(/^grune-kuche-[0-9a-f]{8}$/)
    expect((await plane.call('POST', 'projects', { name: '北京' })).body.data.slug).toMatch(/^project/)
  })

  test('a taken slug or external id is a conflict in the tenant, not beyond it', async () => {
    await plane.call('POST', 'projects', { name: 'A', slug: 'taken', external_project_id: 'taken' })
    for (const body of [{ name: 'B', slug: 'taken' }, { name: 'B', external_project_id: 'taken' }]) {
      const answer = await plane.call('POST', 'projects', body)
      expect([answer.status, answer.body.error.code]).toEqual([409, 'conflict'])
    }
    const stranger = await makeTenant(plane)
    expect(
      (await plane.call('POST', 'projects', { name: 'A', slug: 'taken', external_project_id: 'taken' }, { key: stranger })).status,
    ).toBe(201)
  })

  test.each<[unknown, string]>([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: '   ' }, 'name'],
    [{ name: 5 }, 'name'],
    [{ name: null }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ name: 'x', slug: 'Not A Slug' }, 'slug'],
    [{ name: 'x', slug: '-x' }, 'slug'],
    [{ name: 'x', slug: null }, 'slug'],
    [{ name: 'x', metadata: 'text' }, 'metadata'],
    [{ name: 'x', metadata: [] }, 'metadata'],
    [{ name: 'x', metadata: { big: 'x'.repeat(17_000) } }, 'metadata'],
    [{ name: 'x', external_project_id: '' }, 'external_project_id'],
    [{ name: 'x', resource_type: 'planet' }, 'resource_type'],
    [{ name: 'x', tenant_id: randomUUID() }, 'tenant_id'],
    [{ name: 'x', tenantId: randomUUID() }, 'tenantId'],
  ])('%j is refused', async (body, field) => {
    const answer = await plane.call('POST', 'projects', body)
    expect([answer.status, answer.body.error.code, answer.body.error.details[0].field]).toEqual([422, 'validation_error', field])
  })
})

describe('listing', () => {
  test('cursor and page walk over everything once, newest first', async () => {
    const key = await makeTenant(plane)
    const ids: string[] = []
    for (let i = 0; i < 7; i += 1) ids.unshift(await makeProject(plane, { key, name: `P${i}` }))
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: { body: { data: { id: string }[]; page: { next_cursor: string | null; total: number; limit: number } } } =
        await plane.call('GET', `projects?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`, undefined, { key })
      expect(page.body.page).toMatchObject({ limit: 3, total: 7 })
      seen.push(...page.body.data.map((row) => row.id))
      cursor = page.body.page.next_cursor
    }
    expect(seen).toEqual(ids)
    const third = await plane.call('GET', 'projects?page=3&page_size=3', undefined, { key })
    expect(third.body.data.map((row: { id: string }) => row.id)).toEqual(ids.slice(6))
  })

  test('filters by name, external id and archive', async () => {
    const key = await makeTenant(plane)
    const kept = await plane.call('POST', 'projects', { name: 'Kept one', external_project_id: 'k1' }, { key })
    const gone = await plane.call('POST', 'projects', { name: 'Gone one' }, { key })
    await plane.call('DELETE', `projects/${gone.body.data.id}`, undefined, { key })
    const ids = async (query: string) =>
      (await plane.call('GET', `projects?${query}`, undefined, { key })).body.data.map((row: { id: string }) => row.id)
    expect(await ids('')).toEqual([kept.body.data.id])
    expect(await ids('archived=true')).toEqual([gone.body.data.id])
    expect(await ids('q=KEPT')).toEqual([kept.body.data.id])
    expect(await ids('external_project_id=k1')).toEqual([kept.body.data.id])
    expect(await ids('external_project_id=k2')).toEqual([])
    expect(await ids('q=%25')).toEqual([])
  })

  test.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'cursor=%00',
    'cursor=nonsense',
    'page=0',
    'archived=maybe',
    'sort=slug',
    'limit=1&limit=2',
  ])('?%s is refused', async (query) => {
    const answer = await plane.call('GET', `projects?${query}`)
    expect(answer.status === 422 || answer.status === 400).toBe(true)
  })
})

describe('changing', () => {
  test('only what is given changes; null takes the external id away', async () => {
    const made = await plane.call('POST', 'projects', { name: 'Before', external_project_id: 'e-9', metadata: { a: 1 } })
    const id = made.body.data.id
    const changed = await plane.call('PATCH', `projects/${id}`, { name: 'After', external_project_id: null })
    expect(changed.body.data).toMatchObject({ name: 'After', external_project_id: null, metadata: { a: 1 }, slug: made.body.data.slug })
    expect((await plane.call('PATCH', `projects/${id}`, {})).body.data.name).toBe('After')
    expect((await plane.call('PATCH', `projects/${id}`, { name: null })).status).toBe(422)
  })

  test('a taken slug is a conflict', async () => {
    await plane.call('POST', 'projects', { name: 'One', slug: 'slug-one' })
    const id = await makeProject(plane)
    expect((await plane.call('PATCH', `projects/${id}`, { slug: 'slug-one' })).body.error.code).toBe('conflict')
  })
})

describe('archiving', () => {
  test('the project can still be read and archived again; everything else of it is gone, and its names are free', async () => {
    const made = await plane.call('POST', 'projects', { name: 'Old', slug: 'old', external_project_id: 'old' })
    const id = made.body.data.id
    await plane.call('POST', `projects/${id}/auth`, {})
    const archived = await plane.call('DELETE', `projects/${id}`)
    expect(archived.body.data.archived_at).not.toBeNull()
    expect((await plane.call('GET', `projects/${id}`)).body).toEqual(archived.body)
    expect((await plane.call('DELETE', `projects/${id}`)).body).toEqual(archived.body)
    for (const [method, path] of [
      ['PATCH', ''],
      ['GET', '/auth'],
      ['POST', '/auth'],
      ['POST', '/instances'],
      ['GET', '/runtime-env'],
      ['GET', '/users'],
    ] as const) {
      expect([path, (await plane.call(method, `projects/${id}${path}`, method === 'GET' ? undefined : {})).status]).toEqual([path, 404])
    }
    expect((await plane.call('POST', 'projects', { name: 'New', slug: 'old', external_project_id: 'old' })).status).toBe(201)
  })
})

describe('ids', () => {
  test.each(['proj_x', 'x', `tnt_${randomUUID()}`, randomUUID(), `proj_${randomUUID()}`, '..%2f..', 'proj_%27or%271'])(
    'projects/%s is 404',
    async (id) => {
      for (const path of ['', '/auth', '/users', '/instances']) {
        const answer = await plane.call('GET', `projects/${id}${path}`)
        expect([answer.status, answer.body.error.code]).toEqual([404, 'not_found'])
      }
    },
  )
})

describe('malformed requests', () => {
  test.each<[string, string, { raw?: string; headers?: Record<string, string> }, number, string]>([
    ['POST', 'projects', { raw: '{' }, 400, 'invalid_json'],
    ['POST', 'projects', { raw: '{"name":"x","__proto__":{}}' }, 400, 'invalid_json'],
    ['POST', 'projects', { raw: '[]' }, 400, 'invalid_request'],
    ['POST', 'projects', { raw: '"x"' }, 400, 'invalid_request'],
    [
      'POST',
      'projects',
      { raw: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    ['POST', 'projects', { raw: `{"name":"${'x'.repeat(70_000)}"}` }, 413, 'payload_too_large'],
    ['PUT', 'projects', {}, 405, 'method_not_allowed'],
    ['GET', 'nothing', {}, 404, 'not_found'],
    ['GET', '/api/v2/projects', {}, 404, 'not_found'],
  ])('%s %s %j', async (method, path, options, status, code) => {
    const answer = await plane.call(method, path, undefined, options)
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
    expect(answer.body.error.request_id).toBe(answer.headers.get('x-request-id'))
    if (status === 405) expect(answer.headers.get('allow')).toContain('POST')
  })
})

test('in the order of names or of their making, paged without gaps, each name twice', async () => {
  const key = await makeTenant(plane, 'Ordered')
  for (const name of ['Cedar', 'Ash', 'Birch', 'Ash', 'Cedar']) await makeProject(plane, { key, name })
  const all = async (sort: string) => {
    const found: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ limit: '2', sort, ...(cursor && { cursor }) })
      const { body } = await plane.call('GET', `projects?${query}`, undefined, { key })
      found.push(...body.data.map((row: { name: string }) => row.name))
      cursor = body.page.next_cursor
    }
    return found
  }
  expect(await all('name')).toEqual(['Ash', 'Ash', 'Birch', 'Cedar', 'Cedar'])
  expect(await all('-name')).toEqual(['Cedar', 'Cedar', 'Birch', 'Ash', 'Ash'])
  expect(await all('created_at')).toEqual(['Cedar', 'Ash', 'Birch', 'Ash', 'Cedar'])
  expect(await all('-created_at')).toEqual(['Cedar', 'Ash', 'Birch', 'Ash', 'Cedar'].toReversed())
  expect((await plane.call('GET', 'projects?sort=slug', undefined, { key })).status).toBe(422)
})
