import type { PlatformDb } from '@portico/database/platform-db'
import { onPlatform } from '../platform-errors.js'

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

export async function hasMember(db: Members): Promise<boolean> {
  return (await onPlatform(() => db.member.findFirst({ select: { userId: true } }))) !== null
}

export async function insertMember(db: Members, member: Omit<MemberRow, 'createdAt' | 'updatedAt'>, now: Date): Promise<MemberRow> {
  return (await onPlatform(() => db.member.create({ data: { ...member, createdAt: now, updatedAt: now } }))) as MemberRow
}

export async function updateMember(
  db: Members,
  { tenantId, userId }: Pick<MemberRow, 'tenantId' | 'userId'>,
  change: Partial<Pick<MemberRow, 'role' | 'breakGlass' | 'source'>>,
  now: Date,
): Promise<MemberRow> {
  return (await onPlatform(() =>
    db.member.update({ where: { tenantId_userId: { tenantId, userId } }, data: { ...change, updatedAt: now } }),
  )) as MemberRow
}

/** Whether there was one. */
export async function deleteMember(db: Members, tenantId: string, userId: string): Promise<boolean> {
  return (await onPlatform(() => db.member.deleteMany({ where: { tenantId, userId } }))).count > 0
}

export async function listMembersWithRole(db: Members, tenantId: string, role: string): Promise<MemberRow[]> {
  return (await onPlatform(() => db.member.findMany({ where: { tenantId, role } }))) as MemberRow[]
}

export function countMembersWithRole(db: Members, tenantId: string, role: string): Promise<number> {
  return onPlatform(() => db.member.count({ where: { tenantId, role } }))
}
