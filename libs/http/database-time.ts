import type { FastifyInstance, FastifyRequest } from 'fastify'

/** What bounds all that a request waits for the database (`ServerWatch` of the pools). `null`: nothing has to, at the moment. */
export interface DatabaseTime<B extends object> {
  open(isAnswered: () => boolean, begunBefore: boolean): B | null
  within(budget: B, work: () => void): void
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What it has left to wait for the database; `null`: it began while all was well. */
    databaseTime: object | null
  }
}

/** Gives each request its budget before the first hook that may ask the database. */
export function boundDatabaseTime<B extends object>(server: FastifyInstance, time: DatabaseTime<B>): void {
  server.decorateRequest('databaseTime', null)
  const enter = (request: FastifyRequest, answer: { headersSent: boolean }, begunBefore: boolean, done: () => void): void => {
    const budget = (request.databaseTime as B | null) ?? time.open(() => answer.headersSent, begunBefore)
    if (budget === null) return done()
    request.databaseTime = budget
    time.within(budget, done)
  }
  server.addHook('onRequest', (request, reply, done) => enter(request, reply.raw, false, done))
  // A body arrives in events of the socket, which belong to no request: from here on they are its own again.
  server.addHook('preValidation', (request, reply, done) => enter(request, reply.raw, true, done))
}
