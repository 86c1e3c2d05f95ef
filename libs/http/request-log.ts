import type { FastifyRequest } from 'fastify'
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'
import './request-context.js'

export type { Logger } from 'pino'

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

/** A logger of JSON lines: `time`, `level` as a word, `service`. Errors under `err` or `cause` are serialised with their causes. */
export function createLogger(options: { service: string; level: LogLevel; destination?: DestinationStream }): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serialiseError },
    // A second line of defence behind never passing such things in.
    redact: { paths: ['password', 'token', 'secret', 'authorization', '*.password', '*.token', '*.secret', '*.authorization'] },
  }
  return options.destination ? pino(settings, options.destination) : pino(settings)
}

/** One line per request. The route is its pattern: a URL may hold ids, addresses and tokens. */
export function logRequests(logger: Logger): (request: FastifyRequest, status: number, elapsedMs: number) => void {
  return (request, status, elapsedMs) => {
    if (request.routeOptions.config.quiet && status < 500) return
    if (status < 500 && !logger.isLevelEnabled('info')) return
    const line = {
      request_id: request.id,
      trace_id: request.span?.traceId,
      project_id: request.project?.scope.projectId,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status,
      code: request.errorCode ?? undefined,
      duration_ms: Math.round(elapsedMs * 10) / 10,
    }
    if (status >= 500) logger.warn(line, 'request')
    else logger.info(line, 'request')
  }
}

// Driver errors carry the statement, its values and the conflicting row (`detail`, `where`): only code, constraint and table are kept.
function serialiseError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error
  const { code, constraint, table } = error as { code?: unknown; constraint?: unknown; table?: unknown }
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(typeof constraint === 'string' && { constraint }),
    ...(typeof table === 'string' && { table }),
    stack: error.stack,
    ...(error.cause !== undefined && depth < 3 && { cause: serialiseError(error.cause, depth + 1) }),
  }
}
