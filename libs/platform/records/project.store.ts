import { invalidField } from '@portico/kernel/auth-error'
import type { PlatformDb } from '@portico/database/platform-db'
import type { Caller } from '../caller.js'
import type { Cursor, PageRequest } from '@portico/kernel/paging'
import { writePlatformAudit, type PlatformAudit } from './platform-audit.store.js'
import { onPlatform } from '../platform-errors.js'

export type ResourceType = 'project' | 'sandbox' | 'deployment'

export interface ProjectRow {
  id: string
  tenantId: string
  name: string
  slug: string
  resourceType: string
  externalProjectId: string | null
  metadata: unknown
  createdAt: Date
  updatedAt: Date
  archivedAt: Date | null
}

export interface NewProject {
  id: string
  name: string
  slug: string
  resourceType: ResourceType
  externalProjectId: string | null
  metadata: Record<string, unknown>
}

export interface ProjectChange {
  name?: string
  slug?: string
  externalProjectId?: string | null
  metadata?: Record<string, unknown>
}

const COLUMNS = {
  id: true,
  tenantId: true,
  name: true,
  slug: true,
  resourceType: true,
  externalProjectId: true,
  metadata: true,
  createdAt: true,
  updatedAt: true,
  archivedAt: true,
} as const

function aboutProject(
  tenantId: string,
  id: string,
  action: PlatformAudit['action'],
  metadata: NonNullable<PlatformAudit['metadata']> = {},
): PlatformAudit {
  return { tenantId, action, resource: 'project', resourceId: `proj_${id}`, metadata }
}

/** Throws Prisma's unique violation when slug or external id is taken. */
export async function insertProject(db: PlatformDb, by: Caller, project: NewProject, now: Date): Promise<ProjectRow> {
  const [row] = await onPlatform(() =>
    db.$transaction([
      db.project.create({
        data: { ...project, metadata: project.metadata as object, tenantId: by.tenantId, createdAt: now, updatedAt: now },
        select: COLUMNS,
      }),
      writePlatformAudit(db, by, aboutProject(by.tenantId, project.id, 'project.created'), now),
    ]),
  )
  return row
}

export function findProject(db: PlatformDb, tenantId: string, id: string): Promise<ProjectRow | null> {
  return onPlatform(() => db.project.findFirst({ where: { id, tenantId }, select: COLUMNS }))
}

/** The live project that stands for something of the platform's. */
export function findProjectByExternalId(
  db: PlatformDb,
  tenantId: string,
  resourceType: ResourceType,
  externalProjectId: string,
): Promise<ProjectRow | null> {
  return onPlatform(() => db.project.findFirst({ where: { tenantId, resourceType, externalProjectId, archivedAt: null }, select: COLUMNS }))
}

export interface ProjectSort {
  by: 'createdAt' | 'name'
  descending: boolean
}

export interface ProjectFilter {
  sort: ProjectSort
  archived: boolean
  externalProjectId: string | null
  search: string | null
  /** Of these alone; `null`: of all. */
  ids: readonly string[] | null
}

export async function listProjects(
  db: PlatformDb,
  tenantId: string,
  filter: ProjectFilter,
  page: PageRequest,
): Promise<{ rows: ProjectRow[]; total: number }> {
  // Prisma leaves the wildcards of LIKE in the text.
  const search = filter.search?.replace(/[\\%_]/g, String.raw`\$&`)
  const wanted = {
    tenantId,
    archivedAt: filter.archived ? { not: null } : null,
    ...(filter.ids !== null && { id: { in: [...filter.ids] } }),
    ...(filter.externalProjectId !== null && { externalProjectId: filter.externalProjectId }),
    ...(search !== undefined && {
      AND: [{ OR: [{ name: { contains: search, mode: 'insensitive' as const } }, { slug: { contains: search.toLowerCase() } }] }],
    }),
  }
  const { by, descending } = filter.sort
  const [rows, total] = await onPlatform(async () =>
    Promise.all([
      db.project.findMany({
        where: page.after ? { AND: [wanted, await behind(db, tenantId, filter.sort, page.after)] } : wanted,
        orderBy: [{ [by]: descending ? 'desc' : 'asc' }, { id: 'asc' }],
        skip: page.offset,
        take: page.limit + 1,
        select: COLUMNS,
      }),
      db.project.count({ where: wanted }),
    ]),
  )
  return { rows, total }
}

/** What comes after the last row of the page before. By name: after the name that it has now. */
async function behind(db: PlatformDb, tenantId: string, { by, descending }: ProjectSort, { at, id }: Cursor) {
  const beyond = descending ? 'lt' : 'gt'
  if (by === 'createdAt') return { OR: [{ createdAt: { [beyond]: at } }, { createdAt: at, id: { gt: id } }] }
  const last = await db.project.findFirst({ where: { id, tenantId }, select: { name: true } })
  if (!last) throw invalidField('cursor', 'invalid_cursor', 'The project that this cursor stands at is gone.')
  return { OR: [{ name: { [beyond]: last.name } }, { name: last.name, id: { gt: id } }] }
}

/** `null` when the tenant has no such live project. Throws Prisma's unique violation. */
export function changeProject(db: PlatformDb, by: Caller, id: string, change: ProjectChange, now: Date): Promise<ProjectRow | null> {
  const { metadata, ...others } = change
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      const [row] = await tx.project.updateManyAndReturn({
        where: { id, tenantId: by.tenantId, archivedAt: null },
        data: { ...others, ...(metadata && { metadata: metadata as object }), updatedAt: now },
        select: COLUMNS,
      })
      if (!row) return null
      await writePlatformAudit(tx, by, aboutProject(by.tenantId, id, 'project.changed', { fields: Object.keys(change) }), now)
      await noteProjectChange(tx, id, now)
      return row
    }),
  )
}

/** Processes that serve the project hear of it: see `auth.changes_since`. */
async function noteProjectChange(tx: Pick<PlatformDb, '$executeRaw'>, id: string, now: Date): Promise<void> {
  await tx.$executeRaw`select auth.note_project_change(${id}::uuid, ${now}::timestamptz)`
}

/** `null` when the tenant has no such live project. */
export function archiveProject(db: PlatformDb, by: Caller, id: string, now: Date): Promise<ProjectRow | null> {
  return onPlatform(() =>
    db.$transaction(async (tx) => {
      const [row] = await tx.project.updateManyAndReturn({
        where: { id, tenantId: by.tenantId, archivedAt: null },
        data: { archivedAt: now, updatedAt: now },
        select: COLUMNS,
      })
      if (!row) return null
      await writePlatformAudit(tx, by, aboutProject(by.tenantId, id, 'project.archived'), now)
      await noteProjectChange(tx, id, now)
      return row
    }),
  )
}

/** How many of these the tenant has, archived ones included. */
export function countProjects(db: PlatformDb, tenantId: string, ids: readonly string[]): Promise<number> {
  return onPlatform(() => db.project.count({ where: { tenantId, id: { in: [...ids] } } }))
}

/** Ids of all projects of all tenants, archived or not, in their order. */
export async function listProjectIds(db: PlatformDb, after: string | null, limit: number): Promise<string[]> {
  const rows = await onPlatform(() =>
    db.project.findMany({
      select: { id: true },
      orderBy: { id: 'asc' },
      take: limit,
      ...(after !== null && { where: { id: { gt: after } } }),
    }),
  )
  return rows.map(({ id }) => id)
}
