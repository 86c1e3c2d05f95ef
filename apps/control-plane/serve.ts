import { METRICS_PORT, readControlPlaneConfig } from '@portico/config/control-plane-config'
import { ConfigError } from '@portico/config/read-env'
import { stopGracefully, stopWhileStarting } from '@portico/http/graceful-stop'
import { listenForMetrics } from '@portico/http/metrics-server'
import { createLogger } from '@portico/http/request-log'
import { listen } from '@portico/http/start-app'
import { AuthError } from '@portico/kernel/auth-error'
import { VERSION } from '@portico/kernel/version'
import { createControlPlane } from './plane.js'

/** Not into the log: that is kept and sent on, and whoever has the code owns the installation. */
function printSetUpCode(code: string, publicUrl: string): void {
  process.stderr.write(
    `The console has no owner yet. Set-up code: ${code}  (at ${publicUrl}/console; good until the first owner is made)\n`,
  )
}

async function main(): Promise<void> {
  const config = readControlPlaneConfig(process.env)
  const logger = createLogger({ service: 'control-plane', level: config.logLevel })
  if (config.unknownVariables.length > 0) logger.warn({ variables: config.unknownVariables }, 'unknown variables, perhaps misspelt')
  const stopTraces = config.observability.traces
    ? (await import('@portico/tracing/open-tracing')).openTracing({ service: 'control-plane', version: VERSION })
    : () => undefined
  const plane = await createControlPlane(config, logger)
  const onStop = [{ name: 'connections', run: () => plane.close() }, { name: 'traces', run: stopTraces }]
  stopGracefully({ logger, apps: [plane.app, plane.metricsServer], onStop })
  const bootstrapped = await plane.useCases.bootstrap.execute(config.bootstrapApiKey)
  if (bootstrapped === 'created') logger.info('made tenant `default`, and its key from PORTICO_BOOTSTRAP_API_KEY')
  if (bootstrapped === 'no_key') logger.warn('there is no API key: set PORTICO_BOOTSTRAP_API_KEY, or make one in the console')
  const started = await plane.useCases.startConsole.execute()
  if (config.console.demo) await plane.useCases.fillDemo.execute()
  if (started.invited) logger.info('invited PORTICO_INITIAL_OWNER_EMAIL as the first owner of the console')
  if (started.setUpCode !== null) printSetUpCode(started.setUpCode, config.publicUrl)
  await listenForMetrics(plane.metricsServer, config.metrics, METRICS_PORT, logger)
  const { url } = await listen(plane.app, config.listen)
  logger.info({ url }, 'listening')
}

function isLockout(error: unknown): error is AuthError {
  return error instanceof AuthError && error.code === 'console_lockout'
}

/** The mode is not started in which no owner could sign in: everybody would stand before a closed door. */
function refusal(error: Error): string {
  if (!isLockout(error)) return error.message
  if (process.env['PORTICO_CONSOLE_ACCESS'] === 'password')
    return (
      'PORTICO_CONSOLE_ACCESS=password would lock everybody out: no owner has a password or passkey, or an address that a link could be ' +
      'mailed to. Go back to the mode of before, and give one of them a way in.'
    )
  return (
    'PORTICO_CONSOLE_ACCESS=oidc would lock everybody out: no owner could sign in. Set PORTICO_CONSOLE_OIDC_ADMIN_GROUPS or _OWNER_GROUPS, ' +
    'or PORTICO_INITIAL_OWNER_EMAIL, or make an owner with `break_glass` in mode `password` first.'
  )
}

stopWhileStarting()
try {
  await main()
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError || isLockout(error) ? refusal(error) : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exit(1)
}
