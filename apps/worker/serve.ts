import { ConfigError } from '@portico/config/read-env'
import { readWorkerConfig, type WorkerConfig } from '@portico/config/worker-config'
import { stopGracefully, stopWhileStarting } from '@portico/http/graceful-stop'
import { createLogger } from '@portico/http/request-log'
import { VERSION } from '@portico/kernel/version'
import { startWorker } from './wiring.js'

const config = readOrExit()
const logger = createLogger({ service: 'worker', level: config.logLevel })
for (const variable of config.unknownVariables) logger.warn({ variable }, 'unknown variable: misspelt?')

stopWhileStarting()
try {
  const stopTraces = config.observability.traces
    ? (await import('@portico/tracing/open-tracing')).openTracing({ service: 'worker', version: VERSION })
    : () => undefined
  const worker = await startWorker({ config, logger })
  const onStop = [...worker.stopSteps, { name: 'traces', run: stopTraces }]
  stopGracefully({ logger, apps: [worker.server], onStop, inFlightMs: 1_000 })
  await worker.server.listen({ host: config.listen.host, port: config.listen.port })
  logger.info(
    {
      host: config.listen.host,
      port: config.listen.port,
      email: config.email?.kind ?? 'not_configured',
      queue: config.redisUrl === null ? 'postgres' : 'redis',
    },
    'worker ready',
  )
} catch (error) {
  logger.fatal({ err: error }, 'the worker could not start')
  process.exit(1)
}

function readOrExit(): WorkerConfig {
  try {
    return readWorkerConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
