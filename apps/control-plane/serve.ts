import { METRICS_PORT, readControlPlaneConfig } from '@portico/config/control-plane-config'
import { ConfigError } from '@portico/config/read-env'
import { stopGracefully } from '@portico/http/graceful-stop'
import { listenForMetrics } from '@portico/http/metrics-server'
import { createLogger } from '@portico/http/request-log'
import { listen } from '@portico/http/start-app'
import { createControlPlane } from './plane.js'

async function main(): Promise<void> {
  const config = readControlPlaneConfig(process.env)
  const logger = createLogger({ service: 'control-plane', level: config.logLevel })
  if (config.unknownVariables.length > 0) logger.warn({ variables: config.unknownVariables }, 'unknown variables, perhaps misspelt')
  const plane = await createControlPlane(config, logger)
  stopGracefully({ logger, apps: [plane.app, plane.metricsServer], onStop: [{ name: 'connections', run: () => plane.close() }] })
  const bootstrapped = await plane.useCases.bootstrap.execute(config.bootstrapApiKey)
  if (bootstrapped === 'created') logger.info('made tenant `default`, and its key from PORTICO_BOOTSTRAP_API_KEY')
  if (bootstrapped === 'no_key') logger.warn('there is no API key: set PORTICO_BOOTSTRAP_API_KEY, or make one in the console')
  await plane.useCases.consoleProject.prepare()
  await listenForMetrics(plane.metricsServer, config.metrics, METRICS_PORT, logger)
  const { url } = await listen(plane.app, config.listen)
  logger.info({ url }, 'listening')
}

try {
  await main()
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exit(1)
}
