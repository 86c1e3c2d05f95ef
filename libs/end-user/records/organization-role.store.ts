import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

export interface OrganizationRole {
  key: string
  /** `null`: of every organization of the project. */
  organizationId: string | null
  name: string
  permissions: readonly string[]
}

interface Row {
  key: string
  organization_id: string | null
  name: string
  permissions: string[]
}

const toRole = (row: Row): OrganizationRole => ({
  key: row.key,
  organizationId: row.organization_id,
  name: row.name,
  permissions: row.permissions,
})

const LIST = `select key, organization_id, name, permissions from auth.organization_role
  where project_id = auth.current_project_id() and (organization_id is null or organization_id = $1)
  order by key, organization_id nulls first`

/** The project's rows, and those of the organization if one is named. */
export async function listRoles(db: ProjectDb, scope: ProjectScope, organizationId: string | null): Promise<OrganizationRole[]> {
  return (await db.read<Row>(scope, { name: 'organization_role_list', text: LIST, values: [organizationId] })).map(toRole)
}

export async function listRolesWithin(tx: ProjectTx, organizationId: string | null): Promise<OrganizationRole[]> {
  return (await tx.query<Row>({ name: 'organization_role_list', text: LIST, values: [organizationId] })).map(toRole)
}

export async function saveRole(tx: ProjectTx, role: OrganizationRole & { id: string; now: Date }): Promise<void> {
  await tx.query({
    name: 'organization_role_save',
    text: `insert into auth.organization_role (project_id, id, key, organization_id, name, permissions, created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $6)
      on conflict (project_id, key, organization_id)
      do update set name = excluded.name, permissions = excluded.permissions, updated_at = excluded.updated_at`,
    values: [role.id, role.key, role.organizationId, role.name, role.permissions, role.now],
  })
}

/** False: there is no such row. */
export async function deleteRole(tx: ProjectTx, role: { key: string; organizationId: string | null }): Promise<boolean> {
  const rows = await tx.query({
    name: 'organization_role_delete',
    text: `delete from auth.organization_role
      where project_id = auth.current_project_id() and key = $1 and organization_id is not distinct from $2 returning key`,
    values: [role.key, role.organizationId],
  })
  return rows.length > 0
}
