import cluster from 'node:cluster'
import { readDataPlaneConfig, type DataPlaneConfig } from '@portico/config/data-plane-config'
import { ConfigError } from '@portico/config/read-env'
import { createLogger } from '@portico/http/request-log'

const config = readOrExit()
const logger = createLogger({ service: 'data-plane', level: config.logLevel })
if (cluster.isPrimary) {
  for (const variable of config.unknownVariables) logger.warn({ variable }, 'unknown variable: misspelt?')
}

try {
  // The one that only looks after others needs none of what they load.
  if (cluster.isPrimary && config.processes > 1) await (await import('./supervise-processes.js')).superviseProcesses(config, logger)
  else await (await import('./run-process.js')).runProcess(config, logger)
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
