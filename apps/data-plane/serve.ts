import { METRICS_PORT, readDataPlaneConfig, type DataPlaneConfig } from '@portico/config/data-plane-config'
import { ConfigError } from '@portico/config/read-env'
import { lowerThreadPoolPriority } from '@portico/crypto/thread-pool-priority'
import { stopGracefully } from '@portico/http/graceful-stop'
import { listenForMetrics } from '@portico/http/metrics-server'
import { createLogger } from '@portico/http/request-log'
import { listen } from '@portico/http/start-app'
import { createDataPlane } from './plane.js'

const config = readOrExit()
const logger = createLogger({ service: 'data-plane', level: config.logLevel })
for (const variable of config.unknownVariables) logger.warn({ variable }, 'unknown variable: misspelt?')

try {
  const plane = await createDataPlane({ config, logger })
  stopGracefully({ logger, apps: [plane.app, plane.metricsServer], onStop: plane.stopSteps })
  await lowerThreadPoolPriority()
  await listenForMetrics(plane.metricsServer, config.metrics, METRICS_PORT, logger)
  const { url } = await listen(plane.app, config.listen)
  logger.info(
    {
      url,
      public_url: config.publicUrl,
      email: config.emailConfigured ? 'configured' : 'not_configured',
      limits: config.redisUrl === null ? 'postgres' : 'redis',
    },
    'data plane ready',
  )
} catch (error) {
  logger.fatal({ err: error }, 'the data plane could not start')
  process.exit(1)
}

function readOrExit(): DataPlaneConfig {
  try {
    return readDataPlaneConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
