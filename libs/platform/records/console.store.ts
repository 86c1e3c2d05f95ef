import type { PlatformDb } from '@portico/database/platform-db'
import { onPlatform } from '../platform-errors.js'

export type ConsoleAccessMode = 'open' | 'token' | 'password' | 'oidc'
export type ConsoleGate = 'auto' | 'required' | 'disabled'

export interface ConsoleRow {
  tenantId: string
  projectId: string
  /** Chosen in the console; `null`: what the configuration says. */
  access: ConsoleAccessMode | null
  gate: ConsoleGate
  setupDigests: Uint8Array[]
}

type Reader = Pick<PlatformDb, 'console'>

const COLUMNS = { tenantId: true, projectId: true, access: true, gate: true, setupDigests: true } as const

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
      return { tenantId, projectId, access: null, gate: 'auto', setupDigests: [] } satisfies ConsoleRow
    }),
  )
}

/** Members change, and the console's access with them, one after the other: each waits for this row. */
export async function lockConsole(tx: Pick<PlatformDb, '$queryRaw'>): Promise<void> {
  await tx.$queryRaw`select 1 from platform.console for update`
}

export async function saveConsole(
  db: Reader,
  change: { access?: ConsoleAccessMode; gate?: ConsoleGate; setupDigests?: Uint8Array<ArrayBuffer>[] },
  now: Date,
): Promise<void> {
  await onPlatform(() => db.console.update({ where: { onlyRow: true }, data: { ...change, updatedAt: now } }))
}
