import type { INestApplication } from '@nestjs/common'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** What a server is doing, shared by its hooks, readiness and the graceful stop. */
export interface ServerState {
  inFlight: number
  /** Those of them whose body is not here yet. */
  reading: number
  /** How many may be in work, not counting those. */
  readonly maxInFlight: number
  /** Readiness is off and answers close their connections. */
  stopping: boolean
  /** Called once for every request that reached the hooks, also when its client went away (status 499). */
  observers: ((request: FastifyRequest, status: number, elapsedMs: number) => void)[]
}

const states = new WeakMap<object, ServerState>()

export function createServerState(server: FastifyInstance, maxInFlight: number): ServerState {
  const state: ServerState = { inFlight: 0, reading: 0, maxInFlight, stopping: false, observers: [] }
  states.set(server.server, state)
  return state
}

export function serverState(server: FastifyInstance): ServerState {
  const state = states.get(server.server)
  if (!state) throw new Error('not a server made by createHttpServer')
  return state
}

/** The Fastify instance under a Nest application, or the instance itself. */
export function fastifyOf(app: INestApplication | FastifyInstance): FastifyInstance {
  return 'getHttpAdapter' in app ? (app.getHttpAdapter().getInstance() as FastifyInstance) : app
}
