import type { WorkerConfig } from '@portico/config/worker-config'
import type { RoleConnection } from '@portico/database/role-connection'
import type { Logger } from '@portico/http/request-log'
import { createMailQueue, type MailQueue } from '@portico/queue/mail-queue'
import { setTimeout as sleep } from 'node:timers/promises'
import { quietErrors } from './quiet-errors.js'

/** PostgreSQL may still be starting: come again until it answers. */
export async function openQueue(config: WorkerConfig, connection: RoleConnection, logger: Logger): Promise<MailQueue> {
  const onError = quietErrors(logger, 'the queue has a problem')
  for (;;) {
    try {
      return await createMailQueue(config.redisUrl === null ? { postgres: connection, onError } : { redisUrl: config.redisUrl, onError })
    } catch (error) {
      logger.warn({ err: error }, 'the queue cannot be opened yet')
      await sleep(1_000)
    }
  }
}

export async function assertAnswers(queue: MailQueue): Promise<void> {
  const { ok } = await queue.health()
  if (!ok) throw new Error('the queue does not answer')
}
