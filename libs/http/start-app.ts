import 'reflect-metadata'
import type { LoggerService } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { boundDatabaseTime, type DatabaseTime } from './database-time.js'
import { ErrorFilter } from './error-filter.js'
import { createHttpServer, type HttpServerOptions } from './http-server.js'
import { assertEveryRouteDeclaresAccess } from './route-table.js'

export type NestModule = Parameters<typeof NestFactory.create>[0]

/** Nest on our Fastify: no middie, and error and not-found handling stay with `createHttpServer`. */
class PorticoAdapter extends FastifyAdapter {
  override async init(): Promise<void> {}
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.getInstance()
  }
  override setNotFoundHandler(): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return this.getInstance()
  }
}

/**
 * The adapter's constructor puts six hooks before every request, for features that are off here (its CORS, CSRF and closing answers,
 * middleware, custom versioning). They took 4 % of a `/verify`.
 */
function adapterFor(server: FastifyInstance): PorticoAdapter {
  const { addHook } = server
  server.addHook = () => server
  try {
    return new PorticoAdapter(server as never)
  } finally {
    server.addHook = addHook
  }
}

/** A Nest application with everything a plane needs but its routes. Hooks and plain routes are added before `listen`. */
export async function createHttpApp<B extends object>(
  module: NestModule,
  options: HttpServerOptions & { databaseTime?: DatabaseTime<B> },
): Promise<NestFastifyApplication> {
  const server = createHttpServer(options)
  if (options.databaseTime) boundDatabaseTime(server, options.databaseTime)
  const adapter = adapterFor(server)
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(options.logger),
  })
  app.useGlobalFilters(new ErrorFilter(options.logger))
  return app
}

/** Registers the routes, refuses those without `@Access`, and listens. `port` 0 takes any free one. */
export async function listen(app: NestFastifyApplication, at: { host: string; port: number }): Promise<{ port: number; url: string }> {
  await app.init()
  assertEveryRouteDeclaresAccess(app)
  await app.listen(at.port, at.host)
  const address: unknown = app.getHttpServer().address()
  const port = typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : at.port
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  return { port, url: `http://${host}:${port}` }
}

function nestLogger(logger: Logger): LoggerService {
  return {
    log: (message: unknown, context?: unknown) => logger.debug({ context }, String(message)),
    debug: (message: unknown, context?: unknown) => logger.trace({ context }, String(message)),
    verbose: (message: unknown, context?: unknown) => logger.trace({ context }, String(message)),
    warn: (message: unknown, context?: unknown) => logger.warn({ context }, String(message)),
    error: (message: unknown, stack?: unknown) => logger.error({ stack }, String(message)),
    fatal: (message: unknown, stack?: unknown) => logger.fatal({ stack }, String(message)),
  }
}
