import type { CustomSchema } from '@portico/scim/custom-schema'

export interface GroupRole {
  /** The name of a group, in any case. */
  group: string
  role: string
}

/** Where the people of an organization, or of the project, come from. */
export interface Directory {
  id: string
  organizationId: string | null
  name: string
  /** The first one whose group somebody is in gives their role. */
  groupRoles: readonly GroupRole[]
  /** Of people in none of these groups; `null`: they do not belong to the organization. */
  fallbackRole: string | null
  customSchema: CustomSchema | null
  lastUsedAt: Date | null
  createdAt: Date
  updatedAt: Date
}

export interface DirectoryRow {
  id: string
  organization_id: string | null
  name: string
  group_roles: GroupRole[]
  fallback_role: string | null
  custom_schema: CustomSchema | null
  last_used_at: Date | null
  created_at: Date
  updated_at: Date
}

/** Of a table or alias `d`. */
export const DIRECTORY_COLUMNS =
  'd.id, d.organization_id, d.name, d.group_roles, d.fallback_role, d.custom_schema, d.last_used_at, d.created_at, d.updated_at'

export function toDirectory(row: DirectoryRow): Directory {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    groupRoles: row.group_roles,
    fallbackRole: row.fallback_role,
    customSchema: row.custom_schema,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
