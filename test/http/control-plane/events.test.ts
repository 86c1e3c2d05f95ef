import { Portico, type ProjectEvent } from '../../../libs/sdk-js/portico.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { systemClock } from '@portico/kernel/clock'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { connect, type Connection } from '../../support/sql.js'

let plane: TestControlPlane
let owner: Connection
let worker: TestMetering
let key: string
let project: string
beforeAll(async () => {
  plane = await startControlPlane()
  owner = await connect(plane.database.url)
  // Events are told when they are handed on.
  worker = meteringOf(plane.database, systemClock)
  worker.relay.start()
  key = await makeTenant(plane)
  project = await makeProject(plane, { key, enable: true })
})
afterAll(async () => {
  await worker?.relay.stop()
  await worker?.close()
  await owner?.close()
  await plane?.stop()
})

const uuidOf = (id: string) => id.slice('proj_'.length)
const happen = async (action: string, db = owner, of = project) => {
  const [row] = await db.query<{ id: string }>(
    `insert into auth.audit_event (project_id, action, actor_type, resource, metadata, created_at) values ($1, $2, 'system', 'end_user', '{"made_by": "test"}', now()) returning id`,
    [uuidOf(of), action],
  )
  return `evt_${row!.id}`
}
/** Whoever begins to follow is told what waits too. */
const nothingWaits = () => expect.poll(() => owner.query('select 1 from auth.audit_event where waiting')).toEqual([])
const sdk = (as = key) => new Portico({ apiKey: as, baseUrl: plane.url })

/** A stream as it comes over the wire. */
async function openStream(query = '', headers: Record<string, string> = {}, { as = key, of = project } = {}) {
  const abort = new AbortController()
  const response = await fetch(`${plane.url}/api/v1/projects/${of}/events/stream?${query}`, { headers: { authorization: `Bearer ${as}`, ...headers }, signal: abort.signal })
  let text = ''
  let ended = false
  const reading = (async () => {
    if (!response.body) return
    for await (const chunk of response.body) text += Buffer.from(chunk).toString()
  })()
    .catch(() => undefined)
    .finally(() => (ended = true))
  const ids = () => [...text.matchAll(/^id: (.+)\nevent: /gm)].map(([, id]) => id!)
  /** What a reader would come again with. */
  const place = () => [...text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1]
  return { response, text: () => text, ids, place, ended: () => ended, close: () => (abort.abort(), reading) }
}

test('the list has what happened, newest first, by type where asked, with a cursor', async () => {
  const first = await happen('user.deleted')
  const second = await happen('user.disabled')
  const page = await plane.call('GET', `projects/${project}/events?limit=2`, undefined, { key })
  expect(page.body.data.map(({ id }: { id: string }) => id)).toEqual([second, first])
  expect(page.body.data[0]).toEqual({
    id: second, type: 'user.disabled', version: 1, created_at: expect.any(String), project_id: project, actor: { type: 'system', id: null },
    resource: { type: 'end_user', id: null }, data: { made_by: 'test' },
  })
  const rest = await plane.call('GET', `projects/${project}/events?cursor=${page.body.page.next_cursor}`, undefined, { key })
  expect(rest.body.data.map(({ type }: { type: string }) => type)).toEqual(['auth.enabled'])
  const some = await plane.call('GET', `projects/${project}/events?types=user.deleted,auth.enabled`, undefined, { key })
  expect(some.body.data.map(({ type }: { type: string }) => type)).toEqual(['user.deleted', 'auth.enabled'])
  expect((await plane.call('GET', `projects/${project}/events?types=user.dissabled`, undefined, { key })).status).toBe(422)
})

test('a stream tells what is committed from now on, in the order of handing on, each once', async () => {
  await nothingWaits()
  const stream = await openStream()
  expect(stream.response.headers.get('content-type')).toContain('text/event-stream')
  expect(stream.response.headers.get('cache-control')).toBe('no-store')
  const other = await makeProject(plane, { key, enable: true })
  const late = await connect(plane.database.url)
  await late.query('begin')
  const last = await happen('user.deleted', late)
  const first = await happen('user.disabled')
  await happen('user.disabled', owner, other)
  // A long transaction holds nobody back.
  await expect.poll(stream.ids).toEqual([first])
  await late.query('commit')
  await late.close()
  await expect.poll(stream.ids).toEqual([first, last])
  const third = await happen('user.enabled')
  await expect.poll(stream.ids).toEqual([first, last, third])
  await stream.close()
})

test('with Last-Event-ID what was missed comes first; an id that is not of the project says so', async () => {
  const seen = await happen('user.deleted')
  const missed = [await happen('user.disabled'), await happen('user.enabled')]
  const stream = await openStream('', { 'last-event-id': seen })
  await expect.poll(stream.ids).toEqual(missed)
  const next = await happen('user.deleted')
  await expect.poll(stream.ids).toEqual([...missed, next])
  await stream.close()
  for (const nobodys of ['evt_00000000-0000-4000-8000-000000000000', 'a cursor of another product']) {
    const lost = await openStream('', { 'last-event-id': nobodys })
    await expect.poll(lost.text).toMatch(/^event: missed\ndata: \{"reason":"unknown","message":"The event of Last-Event-ID .+"\}\n\nid: evt_/m)
    expect(lost.ids()).toEqual([])
    // From here on nothing is missed again.
    const after = await happen('user.deleted')
    const again = await openStream('', { 'last-event-id': lost.place()! })
    await expect.poll(again.ids).toEqual([after])
    await again.close()
    await lost.close()
  }
})

test('a stream that was told nothing has a place too: who comes again with it is told what happened meanwhile', async () => {
  const other = await makeProject(plane, { key, enable: true })
  const empty = await openStream('types=user.enabled', {}, { of: other })
  await expect.poll(empty.place).toMatch(/^evt_/)
  await empty.close()
  const missed = await happen('user.enabled', owner, other)
  const stream = await openStream('types=user.enabled', { 'last-event-id': empty.place()! }, { of: other })
  await expect.poll(stream.ids).toEqual([missed])
  await stream.close()
  const [chained] = await owner.query<{ event_id: string }>('select event_id from auth.audit_link where project_id = $1 order by seq', [uuidOf(other)])
  // The nil UUID stands before the first.
  const whole = await openStream('', { 'last-event-id': 'evt_00000000-0000-0000-0000-000000000000' }, { of: other })
  await expect.poll(whole.ids).toEqual([`evt_${chained!.event_id}`, missed])
  await whole.close()
})

test('a stream ends when its time is over, when its key is revoked, and when its project is archived', async () => {
  const short = await openStream('max_seconds=1')
  await expect.poll(short.ended).toBe(true)
  const { id, key: made } = (await plane.call('POST', 'api-keys', { name: 'stream', scopes: ['audit:read'] }, { key })).body.data
  const mine = await openStream('', {}, { as: made })
  const doomed = await makeProject(plane, { key, enable: true })
  const archived = await openStream('', {}, { of: doomed })
  expect(mine.ended()).toBe(false)
  expect((await plane.call('DELETE', `api-keys/${id}`, undefined, { key })).status).toBe(200)
  expect((await plane.call('DELETE', `projects/${doomed}`, undefined, { key })).status).toBe(200)
  await expect.poll(mine.ended).toBe(true)
  await expect.poll(archived.ended).toBe(true)
})

test('a key has ten streams at once; the eleventh is refused, and may come when one has ended', async () => {
  const streams = await Promise.all(Array.from({ length: 10 }, () => openStream()))
  const refused = await openStream()
  expect(refused.response.status).toBe(429)
  expect(refused.response.headers.get('retry-after')).toBe('5')
  await streams[0]!.close()
  await expect.poll(async () => (await openStream('max_seconds=1')).response.status).toBe(200)
  await Promise.all(streams.map((stream) => stream.close()))
})

test('nobody without the scope, and nobody of another tenant, hears anything', async () => {
  const { key: weak } = (await plane.call('POST', 'api-keys', { name: 'weak', scopes: ['projects:read'] }, { key })).body.data
  expect((await openStream('', {}, { as: weak })).response.status).toBe(403)
  expect((await openStream('', {}, { as: await makeTenant(plane, 'Strangers') })).response.status).toBe(404)
})

test('the SDK follows, goes on where it was after the connection ended, and stops when told', async () => {
  await nothingWaits()
  const before = await happen('user.deleted')
  const abort = new AbortController()
  const heard: ProjectEvent[] = []
  const following = (async () => {
    const options = { after: before, types: ['user.disabled'], signal: abort.signal }
    for await (const event of sdk().events.follow(project, options)) heard.push(event)
  })()
  const first = await happen('user.disabled')
  await happen('user.enabled')
  await expect.poll(() => heard.map(({ id }) => id)).toEqual([first])
  expect(heard[0]).toMatchObject({ type: 'user.disabled', projectId: project, data: { madeBy: 'test' } })
  abort.abort()
  await following
  await expect(async () => {
    for await (const event of sdk('msk_live_nobody').events.follow(project)) heard.push(event)
  }).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await sdk().stats.ofProject(project)).buckets).toHaveLength(24)
  expect((await sdk().stats.ofTenant({ interval: 'day' })).totals.projects).toBeGreaterThanOrEqual(0)
  expect((await sdk().events.list(project, { limit: 1 })).data).toHaveLength(1)
})
