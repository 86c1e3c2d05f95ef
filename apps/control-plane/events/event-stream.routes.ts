import '@portico/http/request-context'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { serverState } from '@portico/http/server-state'
import { validatedQuery } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import { parseId } from '@portico/kernel/ids'
import type { EventFeed, Missed } from '@portico/platform/events/event-feed'
import type { ProjectEvent } from '@portico/platform/records/event.store'
import { WEBHOOK_TYPES } from '@portico/platform/webhooks/webhook-types'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { eventAnswer } from './event.answer.js'
import { EventStreamQuery } from './event.body.js'

export interface EventStreamParts {
  feed: EventFeed
  directory: ProjectDirectory
  /** Whether who opened the stream could open it now. */
  mayStill: (request: FastifyRequest) => Promise<boolean>
  /** Who opened it; each has a bounded number. */
  holderOf: (request: FastifyRequest) => string
  heartbeatMs?: number
}

/** Streams of one process, and of one key among them: each is a socket, and a line in the question asked twice a second. */
const MOST = 200
const MOST_OF_ONE = 10
const LONGEST_SECONDS = 3_600
const HEARTBEAT_MS = 15_000
const CHECK_MS = 1_000
/** What a reader may have before it that it has not read; until it has, nothing more is fetched for it. */
const MOST_UNREAD_BYTES = 65_536
/** A socket whose reader takes nothing is not waited for at the end. */
const LAST_WORDS_MS = 5_000

const query = validatedQuery(EventStreamQuery)

/**
 * `GET /projects/{id}/events/stream`: server-sent events (WHATWG HTML, 9.2). A plain route: the answer has no end that a controller could
 * return. Ends when the key or the project ends, and when the process stops. A block of an id alone (9.2.6) gives the reader its place
 * without an event: at the beginning, and beside the comments where types that it does not want went by.
 */
export function registerEventStream(server: FastifyInstance, parts: EventStreamParts): void {
  const { feed, directory, mayStill, holderOf, heartbeatMs = HEARTBEAT_MS } = parts
  const open = new Map<() => void, string>()
  server.addHook('preClose', (done) => {
    for (const end of open.keys()) end()
    done()
  })

  const path = '/api/v1/projects/:projectId/events/stream'
  server.get(path, { exposeHeadRoute: false, config: { access: { permission: 'audit.read' } } }, async (request, reply) => {
    const { types, webhooks = false, maxSeconds = LONGEST_SECONDS } = query.transform(request.query, { type: 'query' }) as EventStreamQuery
    const { scope } = request.project!
    const holder = holderOf(request)
    const after = lastEventId(request)
    if (open.size >= MOST) throw new AuthError('overloaded')
    const own = [...open.values()].filter((other) => other === holder).length
    if (own >= MOST_OF_ONE) throw new AuthError('rate_limited', { retryAfterSeconds: 5 })

    let stop: () => void = () => undefined
    const { raw } = reply
    const timers: NodeJS.Timeout[] = []
    const end = (): void => {
      if (!open.delete(end)) return
      stop()
      timers.forEach((timer) => clearInterval(timer))
      raw.end()
      if (raw.writableLength > 0) setTimeout(() => raw.destroy(), LAST_WORDS_MS).unref()
    }
    // Before the head of the answer is out nothing is told.
    let begun = false
    const write = (text: string): void => void (open.has(end) && raw.write(text))
    // The place that the reader has yet to be given.
    let place: string | null = null
    const placeLine = (): string => {
      const line = place === null ? '' : `id: evt_${place}\n\n`
      place = null
      return line
    }
    const tell = (event: ProjectEvent): string =>
      `id: evt_${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(eventAnswer(scope.projectId, event))}\n\n`
    const onEvents = (events: readonly ProjectEvent[], lastId: string): void => {
      const wanted = events.filter(({ type }) => (types === undefined || has(types, type)) && (!webhooks || has(WEBHOOK_TYPES, type)))
      if (wanted.length > 0) write(wanted.map(tell).join(''))
      place = wanted.at(-1)?.id === lastId ? null : lastId
    }
    const ready = (): boolean => begun && raw.writableLength < MOST_UNREAD_BYTES

    open.set(end, holder)
    raw.on('close', end)
    const following = await feed.follow(scope, after, { ready, onEvents }).catch((error: unknown) => {
      open.delete(end)
      throw error
    })
    stop = following.stop
    if (!open.has(end)) return stop()
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
    place = following.placeId
    write(`retry: 2000\n\n${following.missed === null ? '' : missedOf(following.missed)}${placeLine()}`)
    begun = true
    timers.push(setInterval(() => write(`: still here\n\n${placeLine()}`), heartbeatMs))
    timers.push(setInterval(() => void stillGood(request).catch(() => undefined), CHECK_MS))
    timers.push(setTimeout(end, maxSeconds * 1000))

    async function stillGood(asked: FastifyRequest): Promise<void> {
      const project = await directory.resolve(scope.projectId)
      if (serverState(server).stopping || !project || project.archived || !(await mayStill(asked))) end()
    }
  })
}

const has = (names: readonly string[], name: string): boolean => names.includes(name)

const MISSED: Readonly<Record<Missed, string>> = {
  unknown: 'The event of Last-Event-ID is not one that this project has handed on. Read the list of events; from here on you are told again.',
  gone: 'Some of what came after the event of Last-Event-ID is deleted (retention). What is left is told from here on.',
}

/** Without an id of its own, so that readers which know nothing of it pass it over. */
function missedOf(reason: Missed): string {
  return `event: missed\ndata: ${JSON.stringify({ reason, message: MISSED[reason] })}\n\n`
}

/** `null` where none is given. What is no id of an event is none that anybody knows. */
function lastEventId(request: FastifyRequest): string | null {
  const text = request.headers['last-event-id']
  return typeof text === 'string' && text !== '' ? (parseId('evt', text) ?? NO_EVENT) : null
}

/** An id that no event has (RFC 9562, 5.10). */
const NO_EVENT = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
