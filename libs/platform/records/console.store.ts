import type { PlatformDb } from '@portico/database/platform-db'
import type { Caller } from '../caller.js'
import { onPlatform } from '../platform-errors.js'
import { writePlatformAudit, type PlatformAudit } from './platform-audit.store.js'

export type ConsoleAccessMode = 'open' | 'token' | 'password' | 'oidc'

export interface ConsoleRow {
  tenantId: string
  projectId: string
  /** Chosen in the console; `null`: what the configuration says. */
  access: ConsoleAccessMode | null
  /** Of the made-up projects; `null`: there are none. */
  demoTenantId: string | null
}

type Reader = Pick<PlatformDb, 'console'>

// More processes than these do not start at once; what is older was printed where nobody looks any more.
const CODES_KEPT = 8

const COLUMNS = { tenantId: true, projectId: true, access: true, demoTenantId: true } as const

/** `null` before the first start of a control plane. */
export async function readConsole(db: Reader): Promise<ConsoleRow | null> {
  return (await onPlatform(() => db.console.findUnique({ where: { onlyRow: true }, select: COLUMNS }))) as ConsoleRow | null
}

// Any number that nothing else locks: «portico» on a telephone.
const FIRST_START_LOCK = 7_678_426

export interface NewConsole {
  tenantId: string
  projectId: string
}

/** Tenant, project and the row that names them, once: whoever comes second gets what the first one made. */
export function insertConsole(db: PlatformDb, { tenantId, projectId }: NewConsole, now: Date): Promise<ConsoleRow> {
  const times = { createdAt: now, updatedAt: now }
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      await tx.$executeRaw`select pg_advisory_xact_lock(${FIRST_START_LOCK}::bigint)`
      const known = await readConsole(tx)
      if (known) return known
      // Somebody may have made a tenant of this name before consoles came.
      const taken = await tx.tenant.findUnique({ where: { slug: 'portico' }, select: { id: true } })
      const slug = taken ? `portico-${tenantId.slice(0, 8)}` : 'portico'
      await tx.tenant.create({ data: { id: tenantId, name: 'Portico', slug, ...times } })
      await tx.project.create({ data: { id: projectId, tenantId, name: 'Portico Console', slug: 'console', metadata: {}, ...times } })
      await tx.console.create({ data: { tenantId, projectId, ...times } })
      return { tenantId, projectId, access: null, demoTenantId: null } satisfies ConsoleRow
    }),
  )
}

/** The tenant of the made-up projects, once: of several processes that start at once the first one makes it. */
export function insertDemoTenant(db: PlatformDb, id: string, now: Date): Promise<string> {
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      await tx.$executeRaw`select pg_advisory_xact_lock(${FIRST_START_LOCK}::bigint)`
      const known = (await readConsole(tx))?.demoTenantId ?? null
      if (known !== null) return known
      await tx.tenant.create({ data: { id, name: 'Demo', slug: `demo-${id.slice(0, 8)}`, createdAt: now, updatedAt: now } })
      await tx.console.update({ where: { onlyRow: true }, data: { demoTenantId: id, updatedAt: now } })
      return id
    }),
  )
}

/** The digest of one more code, beside those of the last starts. */
export async function offerSetUpCode(db: PlatformDb, digest: Uint8Array<ArrayBuffer>, now: Date): Promise<void> {
  await onPlatform(
    () => db.$executeRaw`update platform.console set setup_digests = (array[${digest}::bytea] || setup_digests)[1:${CODES_KEPT}::integer],
      updated_at = ${now}`,
  )
}

/** Spends every code, if this is one; of several at once one does. */
export async function claimSetUp(db: PlatformDb, digest: Uint8Array<ArrayBuffer>, now: Date): Promise<boolean> {
  const claimed = await onPlatform(
    () =>
      db.$executeRaw`update platform.console set setup_digests = '{}', updated_at = ${now} where ${digest}::bytea = any (setup_digests)`,
  )
  return claimed === 1
}

/** Something about the console was changed elsewhere. */
export async function noteConsole(
  db: PlatformDb,
  by: Caller,
  action: PlatformAudit['action'],
  metadata: PlatformAudit['metadata'],
  now: Date,
): Promise<void> {
  const event = { tenantId: by.tenantId, action, resource: 'console', resourceId: 'console', ...(metadata && { metadata }) } as const
  await onPlatform(() => writePlatformAudit(db, by, event, now))
}

export async function saveConsole(
  db: PlatformDb,
  { tenantId, access, by }: { tenantId: string; access: ConsoleAccessMode; by: Caller },
  now: Date,
): Promise<void> {
  await onPlatform(() =>
    db.$transaction([
      db.console.update({ where: { onlyRow: true }, data: { access, updatedAt: now } }),
      writePlatformAudit(
        db,
        by,
        { tenantId, action: 'console.access_changed', resource: 'console', resourceId: 'console', metadata: { access } },
        now,
      ),
    ]),
  )
}
