import type { PlatformDb } from '@portico/database/platform-db'
import { onPlatform } from '../platform-errors.js'

/** One try of a request under its `Idempotency-Key`; `startedAt` tells it from a later one that took over. */
export interface Attempt {
  tenantId: string
  key: string
  requestDigest: Uint8Array<ArrayBuffer>
  startedAt: Date
  expiresAt: Date
}

export interface IdempotencyRow extends Attempt {
  /** `null` while the request runs. */
  answer: { status: number; sealed: Buffer } | null
}

/** Whether the key was free. */
export async function insertAttempt(db: PlatformDb, { startedAt, ...attempt }: Attempt): Promise<boolean> {
  const { count } = await onPlatform(() =>
    db.idempotencyRecord.createMany({ data: [{ ...attempt, createdAt: startedAt }], skipDuplicates: true }),
  )
  return count === 1
}

export async function findAttempt(db: PlatformDb, tenantId: string, key: string): Promise<IdempotencyRow | null> {
  const row = await onPlatform(() => db.idempotencyRecord.findUnique({ where: { tenantId_key: { tenantId, key } } }))
  if (!row) return null
  const { requestDigest, createdAt: startedAt, expiresAt, answerStatus, answerSealed } = row
  const answer = answerStatus !== null && answerSealed !== null ? { status: answerStatus, sealed: Buffer.from(answerSealed) } : null
  return { tenantId, key, requestDigest, startedAt, expiresAt, answer }
}

/** Whether `next` took the place of `found`, which another may have taken meanwhile. */
export async function replaceAttempt(
  db: PlatformDb,
  found: IdempotencyRow,
  { tenantId, key, startedAt, ...next }: Attempt,
): Promise<boolean> {
  const { count } = await onPlatform(() =>
    db.idempotencyRecord.updateMany({
      where: { tenantId, key, createdAt: found.startedAt },
      data: { ...next, createdAt: startedAt, answerStatus: null, answerSealed: null },
    }),
  )
  return count === 1
}

type Running = Pick<Attempt, 'tenantId' | 'key' | 'startedAt'>

export async function saveAnswer(
  db: PlatformDb,
  { tenantId, key, startedAt }: Running,
  answer: { status: number; sealed: Buffer },
): Promise<void> {
  await onPlatform(() =>
    db.idempotencyRecord.updateMany({
      where: { tenantId, key, createdAt: startedAt, answerStatus: null },
      data: { answerStatus: answer.status, answerSealed: new Uint8Array(answer.sealed) },
    }),
  )
}

export async function deleteAttempt(db: PlatformDb, { tenantId, key, startedAt }: Running): Promise<void> {
  await onPlatform(() => db.idempotencyRecord.deleteMany({ where: { tenantId, key, createdAt: startedAt, answerStatus: null } }))
}
