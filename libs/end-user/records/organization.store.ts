import { invalidField } from '@portico/kernel/auth-error'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import {
  ORGANIZATION_COLUMNS,
  toActiveOrganization,
  toOrganization,
  type ActiveOrganization,
  type Organization,
  type OrganizationClaimsRow,
  type OrganizationRow,
} from './organization.js'

export interface OrganizationPage {
  limit: number
  after: { at: Date; id: string } | null
  offset: number
  /** A part of the name, the beginning of the slug or a proven mail domain; Latin letters in any case. `null`: all. */
  search: string | null
  sort: OrganizationSort
}

export interface OrganizationSort {
  by: 'createdAt' | 'name'
  descending: boolean
}

/** `null`: the slug is taken. */
export async function insertOrganization(
  tx: ProjectTx,
  organization: Omit<Organization, 'domains' | 'updatedAt'>,
): Promise<Organization | null> {
  const { id, name, slug, logoUrl, metadata, createdAt } = organization
  const [row] = await tx.query<OrganizationRow>({
    name: 'organization_insert',
    text: `insert into auth.organization as o (project_id, id, name, slug, logo_url, metadata, created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $6)
      on conflict (project_id, slug) do nothing returning o.id, o.name, o.slug, o.logo_url, o.metadata, '{}'::text[] as domains,
        o.created_at, o.updated_at`,
    values: [id, name, slug, logoUrl, JSON.stringify(metadata), createdAt],
  })
  return row ? toOrganization(row) : null
}

export async function findOrganization(tx: ProjectTx, id: string): Promise<Organization | null> {
  const [row] = await tx.query<OrganizationRow>({
    name: 'organization_find',
    text: `select ${ORGANIZATION_COLUMNS} from auth.organization o where o.project_id = auth.current_project_id() and o.id = $1`,
    values: [id],
  })
  return row ? toOrganization(row) : null
}

/** Locked until the end of the transaction: changes of the members of one organization follow each other. */
export async function lockOrganization(tx: ProjectTx, id: string): Promise<Organization | null> {
  const [row] = await tx.query<OrganizationRow>({
    name: 'organization_lock',
    text: `select ${ORGANIZATION_COLUMNS} from auth.organization o where o.project_id = auth.current_project_id() and o.id = $1 for update`,
    values: [id],
  })
  return row ? toOrganization(row) : null
}

/**
 * The same for whoever has written a membership already, which holds the row against `for update` (its foreign key): two of these who then
 * waited for each other would never end.
 */
export async function holdOrganization(tx: ProjectTx, id: string): Promise<void> {
  await tx.query({
    name: 'organization_hold',
    text: 'select 1 from auth.organization where project_id = auth.current_project_id() and id = $1 for no key update',
    values: [id],
  })
}

export async function isSlugTaken(tx: ProjectTx, slug: string, byOtherThan: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'organization_slug_taken',
    text: 'select 1 from auth.organization where project_id = auth.current_project_id() and slug = $1 and id <> $2',
    values: [slug, byOtherThan],
  })
  return rows.length > 0
}

export async function saveOrganization(tx: ProjectTx, organization: Organization): Promise<void> {
  await tx.query({
    name: 'organization_save',
    text: `update auth.organization set name = $2, slug = $3, logo_url = $4, metadata = $5, updated_at = $6
      where project_id = auth.current_project_id() and id = $1`,
    values: [organization.id, organization.name, organization.slug, organization.logoUrl, JSON.stringify(organization.metadata),
      organization.updatedAt],
  })
}

/** Members and invitations go with it. */
export async function deleteOrganization(tx: ProjectTx, id: string): Promise<void> {
  await tx.query({
    name: 'organization_delete',
    text: 'delete from auth.organization where project_id = auth.current_project_id() and id = $1',
    values: [id],
  })
}

/**
 * One more than asked for. By name a page goes on behind the name that the last organization has now, which is found by its id: a cursor
 * holds no names. Throws where that organization is gone.
 */
export async function listOrganizations(db: ProjectDb, scope: ProjectScope, page: OrganizationPage): Promise<Organization[]> {
  const { by, descending } = page.sort
  const [column, order, beyond] = [by === 'name' ? 'name' : 'created_at', descending ? 'desc' : 'asc', descending ? '<' : '>']
  const type = by === 'name' ? 'text' : 'timestamptz'
  const behind = page.after && (by === 'name' ? await nameOf(db, scope, page.after.id) : page.after.at)
  const rows = await db.read<OrganizationRow>(scope, {
    name: `organization_list_${by}_${order}`,
    text: `select ${ORGANIZATION_COLUMNS} from auth.organization o
      where o.project_id = auth.current_project_id() and ($1::${type} is null or (o.${column}, o.id) ${beyond} ($1, $2))
        and ($3::text is null or position(lower($3) in lower(o.name)) > 0 or starts_with(o.slug, lower($3))
          or exists (select 1 from auth.email_domain e where e.project_id = auth.current_project_id() and e.organization_id = o.id
            and e.domain = lower($3) and e.verified_at is not null))
      order by o.${column} ${order}, o.id ${order} limit $4 offset $5`,
    values: [behind, page.after?.id ?? null, page.search, page.limit + 1, page.offset],
  })
  return rows.map(toOrganization)
}

async function nameOf(db: ProjectDb, scope: ProjectScope, id: string): Promise<string> {
  const [row] = await db.read<{ name: string }>(scope, {
    name: 'organization_name',
    text: 'select name from auth.organization where project_id = auth.current_project_id() and id = $1',
    values: [id],
  })
  if (!row) throw invalidField('cursor', 'invalid_cursor', 'The organization that this cursor stands at is gone.')
  return row.name
}

/** What the user is in the organization; `null`: not a member, or there is none. */
export async function findActiveOrganization(tx: ProjectTx, userId: string, organizationId: string): Promise<ActiveOrganization | null> {
  const [row] = await tx.query<{ organization: OrganizationClaimsRow | null }>({
    name: 'organization_claims',
    text: 'select auth.organization_claims(auth.current_project_id(), $1, $2) as organization',
    values: [userId, organizationId],
  })
  return toActiveOrganization(row?.organization ?? null)
}

/** The id of an organization that is named by id or slug; `null`: there is none. */
export async function findOrganizationId(tx: ProjectTx, idOrSlug: string): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>({
    name: 'organization_id_of',
    text: 'select id from auth.organization where project_id = auth.current_project_id() and (slug = $1 or id::text = $1)',
    values: [idOrSlug],
  })
  return row?.id ?? null
}

/** Whom this session works for; `null`: for none. */
export async function findSessionOrganization(db: ProjectDb, scope: ProjectScope, sessionId: string): Promise<string | null> {
  const [row] = await db.read<{ organization_id: string | null }>(scope, {
    name: 'session_organization',
    text: 'select organization_id from auth.session where project_id = auth.current_project_id() and id = $1',
    values: [sessionId],
  })
  return row?.organization_id ?? null
}

/** False: the session has ended. `null` works for none. */
export async function setSessionOrganization(tx: ProjectTx, sessionId: string, organizationId: string | null): Promise<boolean> {
  const rows = await tx.query({
    name: 'session_set_organization',
    text: `update auth.session set organization_id = $2
      where project_id = auth.current_project_id() and id = $1 and ended_at is null returning id`,
    values: [sessionId, organizationId],
  })
  return rows.length > 0
}

/** With the role of the user, oldest membership first. */
export async function listOrganizationsOf(
  db: ProjectDb,
  project: ProjectRecord,
  userId: string,
): Promise<{ organization: Organization; role: string }[]> {
  const rows = await db.read<OrganizationRow & { role: string }>(project.scope, {
    name: 'organization_list_of_user',
    text: `select ${ORGANIZATION_COLUMNS}, m.role from auth.organization_membership m
      join auth.organization o on o.project_id = auth.current_project_id() and o.id = m.organization_id
      where m.project_id = auth.current_project_id() and m.end_user_id = $1 order by m.created_at, o.id`,
    values: [userId],
  })
  return rows.map((row) => ({ organization: toOrganization(row), role: row.role }))
}
