import { availableParallelism } from 'node:os'
import { readEmail } from './email-config.js'
import { EnvReader, type Environment } from './read-env.js'
import {
  readListen,
  readMetricsListen,
  readPublicUrl,
  readShared,
  readTrustedProxyHops,
  type ListenConfig,
  type SharedConfig,
} from './shared-config.js'

/** Where `GET /metrics` is by default. */
export const METRICS_PORT = 4101

export interface DataPlaneConfig extends SharedConfig {
  listen: ListenConfig
  /** Of `GET /metrics`, apart from what the public can reach. */
  metrics: ListenConfig
  /** How many of them share the port, each with pools and caches of its own. */
  processes: number
  /** What every `AUTH_URL` starts with, without trailing slash. */
  publicUrl: string
  trustedProxyHops: number
  /** False: mail endpoints answer `delivery: "not_configured"`. */
  emailConfigured: boolean
  /** Development and tests: asked about captchas instead of the provider; null: the provider's own address. */
  captchaVerifyUrl: string | null
  /** Lets the proxy in front ask which host names are ours from another machine; null: from this one alone. */
  tlsAskSecret: string | null
}

const CONNECTIONS = 20
/** Fewer make callers of one process wait for each other. */
const FEWEST_CONNECTIONS = 5

/** Throws ConfigError with everything that is wrong. */
export function readDataPlaneConfig(env: Environment): DataPlaneConfig {
  const reader = new EnvReader(env)
  const processes = readProcesses(reader)
  // Together about as many as one process has.
  const databasePoolSize = Math.max(FEWEST_CONNECTIONS, Math.ceil(CONNECTIONS / processes))
  const shared = readShared(reader, env, { databasePoolSize })
  const listen = readListen(reader, 'DATA_PLANE', 4100, shared.environment)
  const config = {
    ...shared,
    listen,
    metrics: readMetricsListen(reader, 'DATA_PLANE', METRICS_PORT),
    processes,
    publicUrl: readPublicUrl(reader, 'DATA_PLANE', listen, shared.environment),
    trustedProxyHops: readTrustedProxyHops(reader, shared.environment),
    emailConfigured: readEmail(reader) !== null,
    captchaVerifyUrl: reader.httpUrl('PORTICO_CAPTCHA_VERIFY_URL', null),
    tlsAskSecret: readTlsAskSecret(reader),
  }
  if (shared.environment === 'production' && config.captchaVerifyUrl !== null)
    reader.problem('PORTICO_CAPTCHA_VERIFY_URL', 'must be unset in production')
  reader.finish()
  return config
}

function readProcesses(reader: EnvReader): number {
  const variable = 'DATA_PLANE_PROCESSES'
  if (reader.text(variable) === 'auto') return availableParallelism()
  return reader.integer(variable, { min: 1, max: 64, fallback: 1 })
}

function readTlsAskSecret(reader: EnvReader): string | null {
  const variable = 'PORTICO_TLS_ASK_SECRET'
  const secret = reader.text(variable)
  // It stands in an address of the proxy's configuration.
  if (secret === null || /^[\w-]{32,128}$/.test(secret)) return secret
  reader.problem(variable, 'must be 32 to 128 letters, digits, - and _: generate one with `openssl rand -hex 32`')
  return null
}
