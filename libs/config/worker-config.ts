import { readEmail, type EmailConfig } from './email-config.js'
import { EnvReader, type Environment } from './read-env.js'
import {
  readListen,
  readPublicUrl,
  readShared,
  type ListenConfig,
  type SharedConfig,
} from './shared-config.js'

export interface WorkerConfig extends SharedConfig {
  /** Health and metrics only. */
  listen: ListenConfig
  /** What every `AUTH_URL`, and so every link in a mail, starts with; without trailing slash. */
  dataPlanePublicUrl: string
  /** Null: mail is not sent; in development it waits in the dev inbox. */
  email: EmailConfig | null
  /** Tests: instead of Resend itself. */
  resendBaseUrl: string | null
  devInbox: boolean
  /** Mails that one address gets in a day, from all projects together. */
  mailsPerRecipientAndDay: number
}

/** Throws ConfigError with everything that is wrong. */
export function readWorkerConfig(env: Environment): WorkerConfig {
  const reader = new EnvReader(env)
  const shared = readShared(reader, env, { databasePoolSize: 10 })
  const listen = readListen(reader, 'WORKER', 4200, shared.environment)
  const dataPlane = readListen(reader, 'DATA_PLANE', 4100, shared.environment)
  const config = {
    ...shared,
    listen,
    dataPlanePublicUrl: readPublicUrl(reader, 'DATA_PLANE', dataPlane, shared.environment),
    email: readEmail(reader),
    resendBaseUrl: reader.httpUrl('RESEND_BASE_URL', null),
    mailsPerRecipientAndDay: reader.integer('MAIL_RECIPIENT_DAILY_LIMIT', { min: 10, max: 100_000, fallback: 100 }),
    devInbox: shared.environment === 'development',
  }
  reader.finish()
  return config
}
