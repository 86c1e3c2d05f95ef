import type { PlatformDb } from '@portico/database/platform-db'
import { onPlatform } from '../platform-errors.js'

/** How a session of the console began: on our own sign-in page, at an outside issuer, or with a token or key typed once. */
export type ConsoleSessionKind = 'local' | 'oidc' | 'token' | 'api_key'

export interface NewConsoleSession {
  id: string
  digest: Uint8Array<ArrayBuffer>
  kind: ConsoleSessionKind
  tenantId: string
  userId: string | null
  authSessionId: string | null
  apiKeyId: string | null
  tokenDigest: Uint8Array<ArrayBuffer> | null
  expiresAt: Date
}

export interface ConsoleSessionRow extends Omit<NewConsoleSession, 'digest' | 'tokenDigest'> {
  tokenDigest: Uint8Array | null
  createdAt: Date
}

const COLUMNS = {
  id: true,
  kind: true,
  tenantId: true,
  userId: true,
  authSessionId: true,
  apiKeyId: true,
  tokenDigest: true,
  createdAt: true,
  expiresAt: true,
} as const

// A sign-in clears away what is over: nobody waits for it, and nothing else has to.
const SWEPT_AT_ONCE = 100

export async function insertConsoleSession(db: PlatformDb, session: NewConsoleSession, now: Date): Promise<void> {
  await onPlatform(async () => {
    await db.$executeRaw`delete from platform.console_session where id = any (array(
      select s.id from platform.console_session s where s.expires_at < ${now} limit ${SWEPT_AT_ONCE}::integer))`
    await db.consoleSession.create({ data: { ...session, createdAt: now } })
  })
}

export async function findConsoleSession(db: PlatformDb, digest: Uint8Array<ArrayBuffer>): Promise<ConsoleSessionRow | null> {
  return (await onPlatform(() => db.consoleSession.findUnique({ where: { digest }, select: COLUMNS }))) as ConsoleSessionRow | null
}

/** The session shows another tenant of the same person. */
export async function moveConsoleSession(db: PlatformDb, id: string, tenantId: string): Promise<void> {
  await onPlatform(() => db.consoleSession.updateMany({ where: { id }, data: { tenantId } }))
}

export async function deleteConsoleSession(db: PlatformDb, id: string): Promise<void> {
  await onPlatform(() => db.consoleSession.deleteMany({ where: { id } }))
}
