import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { ADMIN_ROLE } from '@portico/kernel/organization-roles'

/** Somebody who belongs to an organization. */
export interface OrganizationMember {
  userId: string
  email: string
  emailVerified: boolean
  role: string
  createdAt: Date
}

interface Row {
  end_user_id: string
  email_typed: string
  email_verified: boolean
  role: string
  created_at: Date
}

const COLUMNS = 'm.end_user_id, u.email_typed, u.email_verified_at is not null as email_verified, m.role, m.created_at'
const FROM = `auth.organization_membership m
  join auth.end_user u on u.project_id = auth.current_project_id() and u.id = m.end_user_id
  where m.project_id = auth.current_project_id() and m.organization_id = $1`

const toMember = (row: Row): OrganizationMember => ({
  userId: row.end_user_id,
  email: row.email_typed,
  emailVerified: row.email_verified,
  role: row.role,
  createdAt: row.created_at,
})

/** False: they belong to it already, and keep their role. */
export async function insertMember(
  tx: ProjectTx,
  member: { organizationId: string; userId: string; role: string; now: Date },
): Promise<boolean> {
  const rows = await tx.query({
    name: 'organization_member_insert',
    text: `insert into auth.organization_membership (project_id, organization_id, end_user_id, role, created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $4)
      on conflict (project_id, organization_id, end_user_id) do nothing returning end_user_id`,
    values: [member.organizationId, member.userId, member.role, member.now],
  })
  tx.userChanged(member.userId, member.now)
  return rows.length > 0
}

export async function setMemberRole(
  tx: ProjectTx,
  member: { organizationId: string; userId: string; role: string; now: Date },
): Promise<void> {
  await tx.query({
    name: 'organization_member_set_role',
    text: `update auth.organization_membership set role = $3, updated_at = $4
      where project_id = auth.current_project_id() and organization_id = $1 and end_user_id = $2`,
    values: [member.organizationId, member.userId, member.role, member.now],
  })
  tx.userChanged(member.userId, member.now)
}

export async function deleteMember(tx: ProjectTx, member: { organizationId: string; userId: string; now: Date }): Promise<void> {
  await tx.query({
    name: 'organization_member_delete',
    text: `delete from auth.organization_membership
      where project_id = auth.current_project_id() and organization_id = $1 and end_user_id = $2`,
    values: [member.organizationId, member.userId],
  })
  tx.userChanged(member.userId, member.now)
}

export async function findMember(tx: ProjectTx, organizationId: string, userId: string): Promise<OrganizationMember | null> {
  const [row] = await tx.query<Row>({
    name: 'organization_member_find',
    text: `select ${COLUMNS} from ${FROM} and m.end_user_id = $2`,
    values: [organizationId, userId],
  })
  return row ? toMember(row) : null
}

/** Oldest first, one more than asked for. */
export async function listMembers(
  db: ProjectDb,
  scope: ProjectScope,
  input: { organizationId: string; limit: number; after: { at: Date; id: string } | null; offset: number },
): Promise<OrganizationMember[]> {
  const rows = await db.read<Row>(scope, {
    name: 'organization_member_list',
    text: `select ${COLUMNS} from ${FROM} and ($2::timestamptz is null or (m.created_at, m.end_user_id) > ($2, $3))
      order by m.created_at, m.end_user_id limit $4 offset $5`,
    values: [input.organizationId, input.after?.at ?? null, input.after?.id ?? null, input.limit + 1, input.offset],
  })
  return rows.map(toMember)
}

/** Lock the organization first, or two admins who leave at once each count the other. Disabled people do not count. */
export async function countOtherMembers(tx: ProjectTx, input: { organizationId: string; role: string; except: string }): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'organization_member_count_role',
    text: `select count(*)::int as count from ${FROM} and m.role = $2 and m.end_user_id <> $3 and u.disabled_at is null`,
    values: [input.organizationId, input.role, input.except],
  })
  return row?.count ?? 0
}

export async function listAdmins(tx: ProjectTx, organizationId: string): Promise<string[]> {
  const rows = await tx.query<{ end_user_id: string }>({
    name: 'organization_member_admins',
    text: `select end_user_id from auth.organization_membership
      where project_id = auth.current_project_id() and organization_id = $1 and role = $2`,
    values: [organizationId, ADMIN_ROLE],
  })
  return rows.map((row) => row.end_user_id)
}

/** Admins who may sign in, oldest membership first; `among: null`: all but those of `except`. Hold the organization first. */
export async function listEnabledAdmins(
  tx: ProjectTx,
  input: { organizationId: string; among: readonly string[] | null; except: readonly string[]; limit: number },
): Promise<string[]> {
  const rows = await tx.query<{ end_user_id: string }>({
    name: 'organization_member_enabled_admins',
    text: `select m.end_user_id from ${FROM} and m.role = $2 and u.disabled_at is null
        and ($3::uuid[] is null or m.end_user_id = any ($3)) and not m.end_user_id = any ($4::uuid[])
      order by m.created_at, m.end_user_id limit $5`,
    values: [input.organizationId, ADMIN_ROLE, input.among, input.except, input.limit],
  })
  return rows.map((row) => row.end_user_id)
}

/** Organizations of which the user is an admin and that others belong to, in one order for everybody who locks them. */
export async function listSharedAdministrations(tx: ProjectTx, userId: string): Promise<string[]> {
  const rows = await tx.query<{ organization_id: string }>({
    name: 'organization_member_shared_administrations',
    text: `select m.organization_id from auth.organization_membership m
      where m.project_id = auth.current_project_id() and m.end_user_id = $1 and m.role = $2 and exists (
        select 1 from auth.organization_membership o where o.project_id = auth.current_project_id()
          and o.organization_id = m.organization_id and o.end_user_id <> $1)
      order by m.organization_id`,
    values: [userId, ADMIN_ROLE],
  })
  return rows.map((row) => row.organization_id)
}

export async function countMemberships(tx: ProjectTx, userId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'organization_member_count_of_user',
    text: `select count(*)::int as count from auth.organization_membership
      where project_id = auth.current_project_id() and end_user_id = $1`,
    values: [userId],
  })
  return row?.count ?? 0
}

/** Everybody whose tokens say what this role permits; of all organizations, or of one. */
export async function noteRoleChanged(
  tx: ProjectTx,
  { role, organizationId, now }: { role: string | null; organizationId: string | null; now: Date },
): Promise<number> {
  const rows = await tx.query<{ end_user_id: string }>({
    name: 'organization_member_holders',
    text: `select distinct end_user_id from auth.organization_membership
      where project_id = auth.current_project_id() and ($1::text is null or role = $1) and ($2::uuid is null or organization_id = $2)`,
    values: [role, organizationId],
  })
  for (const row of rows) tx.userChanged(row.end_user_id, now)
  return rows.length
}
