import type { PlatformDb } from '@portico/database/platform-db'
import type { Caller } from '../caller.js'
import { onPlatform } from '../platform-errors.js'
import { writePlatformAudit, type PlatformAudit } from './platform-audit.store.js'

export interface MemberRow {
  tenantId: string
  userId: string
  role: string
  breakGlass: boolean
  source: 'team' | 'oidc'
  createdAt: Date
  updatedAt: Date
}

type Members = Pick<PlatformDb, 'member'>

export async function findMember(db: Members, tenantId: string, userId: string): Promise<MemberRow | null> {
  return (await onPlatform(() => db.member.findUnique({ where: { tenantId_userId: { tenantId, userId } } }))) as MemberRow | null
}

/** Where somebody is a member, the oldest membership first. */
export async function listMemberships(db: PlatformDb, userId: string): Promise<(MemberRow & { tenant: { name: string } })[]> {
  const rows = await onPlatform(() =>
    db.member.findMany({
      where: { userId },
      orderBy: [{ createdAt: 'asc' }, { tenantId: 'asc' }],
      include: { tenant: { select: { name: true } } },
      take: 100,
    }),
  )
  return rows as (MemberRow & { tenant: { name: string } })[]
}

/** A team is short: it comes whole, oldest first. */
export async function listMembers(db: Members, tenantId: string): Promise<MemberRow[]> {
  return (await onPlatform(() =>
    db.member.findMany({ where: { tenantId }, orderBy: [{ createdAt: 'asc' }, { userId: 'asc' }], take: 1_000 }),
  )) as MemberRow[]
}

/** The first owner, whoever they were before. */
export async function upsertOwner(db: PlatformDb, by: Caller, userId: string, now: Date): Promise<void> {
  const { tenantId } = by
  const owner = { role: 'owner', source: 'team', updatedAt: now }
  await onPlatform(() =>
    db.$transaction([
      db.member.upsert({
        where: { tenantId_userId: { tenantId, userId } },
        create: { tenantId, userId, breakGlass: true, createdAt: now, ...owner },
        update: { ...owner, breakGlass: true },
      }),
      writePlatformAudit(db, by, aboutMember(by, userId, 'member.added', { role: 'owner' }), now),
    ]),
  )
}

/** `null`: they are a member already. */
export async function insertMember(
  db: PlatformDb,
  by: Caller,
  member: Pick<MemberRow, 'userId' | 'role' | 'breakGlass' | 'source'>,
  action: 'member.invited' | 'member.added',
  now: Date,
): Promise<MemberRow | null> {
  const { tenantId } = by
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      const [row] = await tx.member.createManyAndReturn({
        data: [{ ...member, tenantId, createdAt: now, updatedAt: now }],
        skipDuplicates: true,
      })
      if (row) await writePlatformAudit(tx, by, aboutMember(by, member.userId, action, { role: member.role }), now)
      return (row as MemberRow | undefined) ?? null
    }),
  )
}

export interface MemberChange {
  role?: string
  breakGlass?: boolean
  source?: 'team' | 'oidc'
}

/**
 * Changes or (`null`) removes a member. `check` sees the member and every owner, and may throw: changes of one tenant's team run one after
 * the other, so that two owners who remove each other do not both go. Answers the member as they are or were; `null`: there is none.
 */
export async function changeMember(
  db: PlatformDb,
  by: Caller,
  userId: string,
  change: MemberChange | null,
  check: (member: MemberRow, owners: MemberRow[]) => void,
  now: Date,
): Promise<MemberRow | null> {
  const { tenantId } = by
  const where = { tenantId_userId: { tenantId, userId } }
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      await tx.$queryRaw`select 1 from platform.tenant where id = ${tenantId}::uuid for update`
      const member = await findMember(tx, tenantId, userId)
      if (!member) return null
      check(member, await listMembersWithRole(tx, tenantId, 'owner'))
      if (change === null) {
        await tx.member.delete({ where })
        await tx.consoleSession.deleteMany({ where: { tenantId, userId } })
        // Of their machines: whoever is asked in again later begins anew.
        await tx.apiKey.updateMany({ where: { tenantId, userId, revokedAt: null }, data: { revokedAt: now } })
        await writePlatformAudit(tx, by, aboutMember(by, userId, 'member.removed', { role: member.role }), now)
        return member
      }
      const row = (await tx.member.update({ where, data: { ...change, updatedAt: now } })) as MemberRow
      const metadata = { role: row.role, from: member.role, breakGlass: row.breakGlass }
      await writePlatformAudit(tx, by, aboutMember(by, userId, 'member.changed', metadata), now)
      return row
    }),
  )
}

export async function listMembersWithRole(db: Members, tenantId: string, role: string): Promise<MemberRow[]> {
  return (await onPlatform(() => db.member.findMany({ where: { tenantId, role } }))) as MemberRow[]
}

function aboutMember(by: Caller, userId: string, action: PlatformAudit['action'], metadata: PlatformAudit['metadata']): PlatformAudit {
  return { tenantId: by.tenantId, action, resource: 'member', resourceId: userId, ...(metadata && { metadata }) }
}
