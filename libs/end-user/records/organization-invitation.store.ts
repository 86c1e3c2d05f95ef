import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

/** An address that may join an organization. */
export interface OrganizationInvitation {
  id: string
  organizationId: string
  organizationName: string
  /** Normalised. */
  email: string
  role: string
  createdAt: Date
  expiresAt: Date
}

interface Row {
  id: string
  organization_id: string
  organization_name: string
  email: string
  role: string
  created_at: Date
  expires_at: Date
}

const COLUMNS = 'i.id, i.organization_id, o.name as organization_name, i.email, i.role, i.created_at, i.expires_at'
const FROM = `auth.organization_invitation i
  join auth.organization o on o.project_id = auth.current_project_id() and o.id = i.organization_id
  where i.project_id = auth.current_project_id()`

const toInvitation = (row: Row): OrganizationInvitation => ({
  id: row.id,
  organizationId: row.organization_id,
  organizationName: row.organization_name,
  email: row.email,
  role: row.role,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
})

/** One for each address; asked for again, the newer one counts, with another id, so that the older mail leads nowhere. */
export async function saveInvitation(
  tx: ProjectTx,
  invitation: Omit<OrganizationInvitation, 'organizationName'> & { invitedBy: string | null },
): Promise<void> {
  const { id, organizationId, email, role, createdAt, expiresAt, invitedBy } = invitation
  await tx.query({
    name: 'organization_invitation_save',
    text: `insert into auth.organization_invitation (project_id, id, organization_id, email, role, invited_by, created_at, expires_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7)
      on conflict (project_id, organization_id, email) do update set id = excluded.id, role = excluded.role,
        invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at`,
    values: [id, organizationId, email, role, invitedBy, createdAt, expiresAt],
  })
}

/** Of one organization, newest first. */
export async function listInvitations(
  db: ProjectDb,
  scope: ProjectScope,
  organizationId: string,
  now: Date,
): Promise<OrganizationInvitation[]> {
  const rows = await db.read<Row>(scope, {
    name: 'organization_invitation_list',
    text: `select ${COLUMNS} from ${FROM} and i.organization_id = $1 and i.expires_at > $2 order by i.created_at desc, i.id limit 1000`,
    values: [organizationId, now],
  })
  return rows.map(toInvitation)
}

export async function listInvitationsFor(db: ProjectDb, scope: ProjectScope, email: string, now: Date): Promise<OrganizationInvitation[]> {
  const rows = await db.read<Row>(scope, {
    name: 'organization_invitation_list_for',
    text: `select ${COLUMNS} from ${FROM} and i.email = $1 and i.expires_at > $2 order by i.created_at desc, i.id limit 100`,
    values: [email, now],
  })
  return rows.map(toInvitation)
}

export async function countInvitations(tx: ProjectTx, organizationId: string, now: Date): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'organization_invitation_count',
    text: `select count(*)::int as count from auth.organization_invitation
      where project_id = auth.current_project_id() and organization_id = $1 and expires_at > $2`,
    values: [organizationId, now],
  })
  return row?.count ?? 0
}

/** Takes it, if it is for this address; two presses at once: one finds nothing. */
export async function takeInvitation(
  tx: ProjectTx,
  input: { id: string; email: string; now: Date },
): Promise<OrganizationInvitation | null> {
  const [row] = await tx.query<Row>({
    name: 'organization_invitation_take',
    text: `delete from auth.organization_invitation i using auth.organization o
      where i.project_id = auth.current_project_id() and i.id = $1 and i.email = $2 and i.expires_at > $3
        and o.project_id = auth.current_project_id() and o.id = i.organization_id returning ${COLUMNS}`,
    values: [input.id, input.email, input.now],
  })
  return row ? toInvitation(row) : null
}

/** False: there is none. */
export async function deleteInvitation(tx: ProjectTx, input: { id: string; organizationId: string }): Promise<boolean> {
  const rows = await tx.query({
    name: 'organization_invitation_delete',
    text: `delete from auth.organization_invitation
      where project_id = auth.current_project_id() and id = $1 and organization_id = $2 returning id`,
    values: [input.id, input.organizationId],
  })
  return rows.length > 0
}
