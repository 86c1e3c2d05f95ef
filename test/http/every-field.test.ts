import { ERROR_CATALOGUE, type ErrorCode } from '@portico/kernel/auth-error'
import { listRoutes, type RouteEntry } from '@portico/http/route-table'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build, inOrder, nameOf, ownBearer, sampleOf, type Plane } from '../isolation/foreign-calls.js'
import { LAST, type Owned, type Sample } from '../isolation/route-samples.js'
import { bare, stageTwoTenants, type RawAnswer, type RawRequest, type Stage } from '../isolation/two-tenants.js'
import { noteChange } from '../support/sql.js'
import { BODIES, BREAKS_ANY, ENCODED, HEADERS, JSON_VALUES, RAW_JSON, TEXTS } from './hostile-values.js'
import { operationsOf, type Operation } from './openapi-fields.js'

/**
 * Every field of every body, query, path and header of both planes, with what does not belong there, the other fields being good ones.
 * Nothing of it may be a fault of ours: no answer is 5xx, and every refusal is one of the catalogue.
 */
let stage: Stage
beforeAll(async () => {
  stage = await stageTwoTenants()
})
afterAll(() => stage?.close())

// A change that is accepted waits a third of a second until everybody has heard of it: the cases of one field wait together.
const CONCURRENT = 32
const HEADERS_PER_ROUTE = 2
/** Sent to every route, whatever its description says. */
const COMMON_HEADERS = [
  'authorization',
  'host',
  'origin',
  'cookie',
  'content-type',
  'accept',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
  'if-none-match',
  'idempotency-key',
]
/**
 * Of the values that a field of one kind or another stumbles over, every field gets its turn of so many; it always gets the ones that break
 * any kind.
 */
const TURN = 10
/** Read by the same classes on five routes: a field of the settings gets its turn at the first, a few values at the others. */
const AS_MANY_AS_SETTINGS = 40
const FEW = 4
const triedSettings = new Set<string>()
const SLOT = '"\u0001here\u0001"'

const turns = new Map<string, number>()

interface Case {
  what: string
  request: RawRequest
}

describe.each<[Plane, string, string]>([
  ['data', 'data-plane.yaml', '/auth'],
  ['control', 'control-plane.yaml', '/api/v1'],
])('the %s plane', (plane, file, prefix) => {
  const operations = operationsOf(file)
  const operationOf = (route: RouteEntry): Operation | undefined => {
    const path = (route.path.startsWith(`${prefix}/`) ? route.path.slice(prefix.length) : route.path).replaceAll(/:(\w+)/g, '{$1}')
    return operations.get(`${route.method} ${path}`)
  }

  let settings: unknown
  beforeAll(async () => {
    settings = (await stage.owner.query<{ settings: unknown }>('select settings from auth.service where project_id = $1', [bare(stage.a.projectId)]))[0]?.settings
  })

  /** Somebody new, in a project that has the settings it began with. */
  async function owner(): Promise<Owned> {
    if (plane === 'control') {
      await stage.owner.query('update auth.service set settings = $2 where project_id = $1 and settings <> $2', [bare(stage.a.projectId), JSON.stringify(settings)])
      await noteChange(stage.owner, bare(stage.a.projectId))
    }
    return { tenant: stage.a, person: await stage.person() }
  }

  test('answers whatever stands in a field with a refusal of the catalogue', async () => {
    const failures: string[] = []
    let calls = 0
    let owned = await owner()
    let spent = false
    for (const route of inOrder(listRoutes(stage.apps[plane])).toSorted(
      (x, y) => Number(x.path === '/__test/clock') - Number(y.path === '/__test/clock'),
    )) {
      const sample = sampleOf(plane, route)
      const operation = operationOf(route)
      if (!sample || !operation) {
        // What is for development alone is described in one of the files only.
        if (!['/__test/clock', '/dev/inbox', '/dev/inbox.json'].includes(route.path)) failures.push(`${nameOf(route)} is not described in openapi/${file}`)
        continue
      }
      if (spent) owned = await owner()
      spent = false
      for (const place of placesOf(operation)) {
        const good = sample.request(owned)
        const bearer = ownBearer(plane, route, sample, owned, stage.operatorKey)
        const cases = variants(plane, owned, casesOf(plane, route, operation, place, good, owned, bearer))
        const answers = await inTurns(cases, CONCURRENT, (one) => stage.send(plane, one.request))
        calls += cases.length
        answers.forEach((answer, at) => {
          const problem = judge(answer, operation)
          if (problem) failures.push(`${nameOf(route)}, ${cases[at]?.what}: ${problem}`)
        })
        spent ||= route.method !== 'GET' && answers.some(({ status }) => status < 400)
        // What was accepted may have spent a token or ended a session, without which the next field would not be reached.
        if (spent && plane === 'data' && place.in === 'body') {
          owned = await owner()
          spent = false
        }
      }
      if (LAST.includes(nameOf(route))) await stage.refit()
    }
    expect(calls).toBeGreaterThan(5_000)
    expect(failures.slice(0, 200)).toEqual([])
  }, 400_000)
})

type Place =
  | { in: 'path'; name: string }
  | { in: 'query'; name: string }
  | { in: 'headers'; names: string[] }
  | { in: 'body'; field: string[] }
  | { in: 'whole body' }

function placesOf(operation: Operation): Place[] {
  return [
    ...operation.pathParams.map((name): Place => ({ in: 'path', name })),
    ...operation.queryParams.map((name): Place => ({ in: 'query', name })),
    ...operation.bodyFields.map((field): Place => ({ in: 'body', field })),
    { in: 'whole body' },
    // Last: with these most requests are accepted, and what they need is spent by the first.
    // All at once: a change that is accepted waits until everybody has heard of it, and 26 such waits in a row are half a minute of a test.
    { in: 'headers', names: [...new Set([...COMMON_HEADERS, ...operation.headerParams.map((name) => name.toLowerCase())])] },
  ]
}

function casesOf(
  plane: Plane,
  route: RouteEntry,
  operation: Operation,
  place: Place,
  good: Sample,
  owned: Owned,
  bearer: string | null,
): Case[] {
  const request = (sample: Sample) => build(plane, route, sample, owned.tenant, bearer)
  if (place.in === 'path') {
    const marked = request({ ...good, params: { ...good.params, [place.name]: 'HERE' } })
    return turnOf(ENCODED, place.name).map((value) => ({ what: `path ${place.name}=${value}`, request: { ...marked, path: marked.path.replace('HERE', () => value) } }))
  }
  if (place.in === 'query') {
    const { [place.name]: _, ...others } = good.query ?? {}
    const rest = request({ ...good, query: others })
    const start = rest.path.includes('?') ? `${rest.path}&` : `${rest.path}?`
    const name = place.name
    return [...turnOf(ENCODED, name).map((value) => `${name}=${value}`), name, `${name}=`, `${name}=a&${name}=b`, `${name}[]=a`, `${name}[a]=b`, `${name}%00=a`]
      .map((query) => ({ what: `query ${query}`, request: { ...rest, path: start + query } }))
  }
  if (place.in === 'headers') {
    const plain = request(good)
    return place.names.flatMap((name) => {
      // Read by the same few functions whatever the route is: a few values at each, all of them at all together.
      const start = (route.path.length * 7 + name.length * 3) % HEADERS.length
      return [...HEADERS, ...HEADERS]
        .slice(start, start + HEADERS_PER_ROUTE)
        .map((value) => ({ what: `header ${name}: ${value}`, request: { ...plain, headers: { ...plain.headers, [name]: value } } }))
    })
  }
  if (place.in === 'whole body') {
    if (route.method === 'GET') return []
    const { body: _body, ...plain } = request(good)
    return BODIES.flatMap((body) => [
      { what: `body ${body}`, request: { ...plain, body } },
      { what: `form ${body}`, request: { ...plain, headers: { ...plain.headers, 'content-type': 'application/x-www-form-urlencoded' }, body } },
    ])
  }
  if (operation.contentType === 'form') {
    const form = good.form ?? {}
    return turnOf(TEXTS, place.field.join('.')).filter((text) => text.isWellFormed()).map((value) => ({ what: `form ${place.field.join('.')}=${value}`, request: request({ ...good, form: { ...form, [place.field.join('.')]: value } }) }))
  }
  const template = request({ ...good, body: withField(good.body ?? {}, place.field, SLOT.slice(1, -1)) as Record<string, unknown> })
  const slot = JSON.stringify(SLOT.slice(1, -1))
  const field = place.field.join('.')
  const tried = operation.bodyFields.length >= AS_MANY_AS_SETTINGS && triedSettings.has(field)
  triedSettings.add(field)
  const current = place.field.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], good.body)
  // A good value with something behind it gets further than a bad one.
  const tailed =
    typeof current === 'string' ? ['\0', '\ud800', '\r\n', ' ', '\u0007', '\u200b', '=', '.', '%00'].map((tail) => current + tail) : []
  const values = tried ? fewOf(JSON_VALUES.filter((value) => BREAKS_ANY.has(value)), field) : [...turnOf(JSON_VALUES, field), ...tailed]
  return [...values.map((value) => JSON.stringify(value)), ...(tried ? [] : RAW_JSON)].map((text) => ({
    what: `${field}=${text}`,
    request: { ...template, body: template.body?.replace(slot, () => text) ?? '' },
  }))
}

/** The next few, where a field of the same name has had all of them. */
function fewOf<T>(values: readonly T[], field: string): T[] {
  const start = turns.get(field) ?? 0
  turns.set(field, start + FEW)
  return Array.from({ length: FEW }, (_, at) => values[(start + at) % values.length] as T)
}

/** The values that break any kind of field, and the next few of the others. */
function turnOf<T>(values: readonly T[], field: string): T[] {
  const always = values.filter((value) => BREAKS_ANY.has(value))
  const others = values.filter((value) => !BREAKS_ANY.has(value))
  const start = (turns.get(field) ?? field.length) % others.length
  turns.set(field, start + TURN)
  return [...always, ...[...others, ...others].slice(start, start + TURN)]
}

function withField(target: unknown, [key = '', ...rest]: string[], value: unknown): unknown {
  const inner = (target as Record<string, unknown> | undefined)?.[key]
  const changed = rest.length === 0 ? value : withField(inner, rest, value)
  if (key === '0') return [changed]
  return { ...(typeof target === 'object' ? target : {}), [key]: changed }
}

/** Each case as it is, and in turns with another Host, at a domain of the project's own, and without credentials. */
function variants(plane: Plane, { tenant }: Owned, cases: Case[]): Case[] {
  return cases.flatMap((one, index) => {
    // One in four: what a Host or missing credentials change is decided before the field is read.
    if (index % 4 !== 0) return [one]
    const { request } = one
    const { authorization: _, ...anonymous } = request.headers ?? {}
    const host = index % 8 === 0 ? 'evil.example' : 'evil.example:1\u00ff'
    const more: Case[] = [{ what: `${one.what} (foreign Host)`, request: { ...request, headers: { host, ...request.headers } } }]
    if (plane === 'data' && request.path.startsWith(`/${tenant.projectId}/`)) {
      more.push({ what: `${one.what} (own domain)`, request: { ...request, path: request.path.slice(tenant.projectId.length + 1), headers: { host: tenant.hostname, ...request.headers } } })
    }
    more.push({ what: `${one.what} (no credentials)`, request: { ...request, headers: index % 8 === 0 ? anonymous : { host, ...anonymous } } })
    return [one, more[(index / 4) % more.length] as Case]
  })
}

async function inTurns(cases: Case[], atOnce: number, send: (one: Case) => Promise<RawAnswer>): Promise<RawAnswer[]> {
  const answers: RawAnswer[] = []
  let next = 0
  const worker = async () => {
    for (let at = next; at < cases.length; at = next) {
      next += 1
      answers[at] = await send(cases[at] as Case)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return answers
}

/** What is wrong with an answer, or null. */
function judge({ status, headers, text }: RawAnswer, operation: Operation): string | null {
  if (status >= 500) return `answered ${status}: ${text.slice(0, 200)}`
  if (status < 400) return null
  const type = String(headers['content-type'] ?? '')
  if (type.startsWith('text/html')) return operation.pages ? null : `refused ${status} with a page`
  if (type.startsWith('application/scim+json')) {
    const said = JSON.parse(text) as { status?: string; detail?: string }
    return said.status === String(status) && said.detail ? null : `refused ${status} in no form of SCIM: ${text.slice(0, 200)}`
  }
  if (text === '' && type === '') return `refused ${status} with nothing`
  try {
    const {
      code,
      message,
      request_id: id,
    } = (JSON.parse(text) as { error: { code: ErrorCode; message: string; request_id: string } }).error
    // What Node cannot read at all has statuses of its own.
    const known = ERROR_CATALOGUE[code].status === status || [408, 431].includes(status)
    return known && message !== '' && id !== '' ? null : `refused ${status} as ${code}`
  } catch {
    return `refused ${status} in no form: ${text.slice(0, 200)}`
  }
}
