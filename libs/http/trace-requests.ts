import type { Tracing } from '@portico/kernel/tracing'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import './request-context.js'
import type { ServerState } from './server-state.js'

/** A span for each request but the probes, by the pattern of its route: a URL may hold ids, addresses and tokens. */
export function traceRequests(server: FastifyInstance, tracing: Tracing, state: ServerState): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (request.routeOptions.config.quiet) return done()
    const { method, routeOptions, headers } = request
    const route = routeOptions.url ?? 'unmatched'
    const facts = { 'http.request.method': method, 'http.route': route, 'portico.request_id': request.id }
    const { traceparent } = headers
    const span = tracing.open(`${method} ${route}`, 'server', facts, typeof traceparent === 'string' ? traceparent : null)
    request.span = span
    span.run(done)
  })
  // A body arrives in events of the socket, which belong to no span: from here on it is the request's again.
  server.addHook('preValidation', (request, _reply, done) => {
    if (request.span === null) done()
    else request.span.run(done)
  })
  state.observers.push((request, status) => request.span?.end(factsOf(request, status), status >= 500))
}

function factsOf(request: FastifyRequest, status: number): Record<string, string | number> {
  const { project, errorCode } = request
  return {
    'http.response.status_code': status,
    ...(project && { 'portico.project_id': project.scope.projectId }),
    ...(errorCode !== null && { 'error.type': errorCode }),
  }
}
