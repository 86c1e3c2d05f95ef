import { readConsoleConfig, type ConsoleConfig } from './console-config.js'
import { readEmail, readWebhookSecret, type EmailConfig } from './email-config.js'
import { EnvReader, type Environment } from './read-env.js'
import {
  checkDatabaseUrl,
  readListen,
  readMetricsListen,
  readPublicUrl,
  readShared,
  readTrustedProxyHops,
  type ListenConfig,
  type SharedConfig,
} from './shared-config.js'

/** Where `GET /metrics` is by default. */
export const METRICS_PORT = 4001

export interface ControlPlaneConfig extends SharedConfig {
  /** A copy of the database that lists and figures are read from; null: they are read where everything is. */
  replicaDatabaseUrl: string | null
  listen: ListenConfig
  /** Of `GET /metrics`, apart from what the public can reach. */
  metrics: ListenConfig
  /** Address of this plane, without trailing slash. */
  publicUrl: string
  /** What every `AUTH_URL` starts with, without trailing slash. */
  dataPlanePublicUrl: string
  /** First start with no tenant: makes tenant `default` and this key. */
  bootstrapApiKey: string | null
  trustedProxyHops: number
  /** False: mail endpoints answer `delivery: "not_configured"`. */
  emailConfigured: boolean
  /** The installation's key of Resend, for domains of its customers; null without one. */
  resend: Pick<EmailConfig & { kind: 'resend' }, 'apiKey' | 'baseUrl'> | null
  /** Of Resend's webhook, `whsec_` and base64; null: its reports are not taken. */
  resendWebhookSecret: string | null
  /** Tests: instead of Resend itself. */
  resendBaseUrl: string | null
  /** Whether `GET /dev/inbox` exists. */
  devInbox: boolean
  /** Who may open the console, and how. */
  console: ConsoleConfig
}

const API_KEY = /^msk_(live|test)_[A-Za-z0-9_-]{43}$/

/** Throws ConfigError with everything that is wrong. */
export function readControlPlaneConfig(env: Environment): ControlPlaneConfig {
  const reader = new EnvReader(env)
  const shared = readShared(reader, env, { databasePoolSize: 10 })
  const listen = readListen(reader, 'CONTROL_PLANE', 4000, shared.environment)
  const dataPlane = readListen(reader, 'DATA_PLANE', 4100, shared.environment)
  const bootstrapApiKey = reader.text('PORTICO_BOOTSTRAP_API_KEY')
  if (bootstrapApiKey !== null && !API_KEY.test(bootstrapApiKey)) {
    reader.problem('PORTICO_BOOTSTRAP_API_KEY', 'must be `msk_live_` or `msk_test_` and 43 characters of base64url (256 random bits)')
  }
  const email = readEmail(reader)
  const config = {
    ...shared,
    replicaDatabaseUrl: checkDatabaseUrl(reader, 'DATABASE_REPLICA_URL', reader.text('DATABASE_REPLICA_URL')),
    listen,
    metrics: readMetricsListen(reader, 'CONTROL_PLANE', METRICS_PORT),
    publicUrl: readPublicUrl(reader, 'CONTROL_PLANE', listen, shared.environment),
    dataPlanePublicUrl: readPublicUrl(reader, 'DATA_PLANE', dataPlane, shared.environment),
    bootstrapApiKey,
    trustedProxyHops: readTrustedProxyHops(reader, shared.environment),
    emailConfigured: email !== null,
    resend: email?.kind === 'resend' ? { apiKey: email.apiKey, baseUrl: email.baseUrl } : null,
    resendWebhookSecret: readWebhookSecret(reader),
    resendBaseUrl: reader.httpUrl('RESEND_BASE_URL', null),
    devInbox: shared.environment === 'development',
    console: readConsoleConfig(reader, shared, email !== null),
  }
  reader.finish()
  return config
}
