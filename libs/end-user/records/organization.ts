import { defaultPermissions } from '@portico/kernel/organization-roles'

/** A company among the people of one project. */
export interface Organization {
  id: string
  name: string
  slug: string
  logoUrl: string | null
  metadata: Record<string, unknown>
  /** Mail domains that it has proved to be its own. */
  domains: readonly string[]
  createdAt: Date
  updatedAt: Date
}

/** An organization that somebody works for just now, as their token says it. */
export interface ActiveOrganization {
  id: string
  slug: string
  role: string
  permissions: readonly string[]
}

export interface OrganizationRow {
  id: string
  name: string
  slug: string
  logo_url: string | null
  metadata: Record<string, unknown>
  domains: string[]
  created_at: Date
  updated_at: Date
}

/** Of a table or alias `o`. */
export const ORGANIZATION_COLUMNS = `o.id, o.name, o.slug, o.logo_url, o.metadata, o.created_at, o.updated_at,
  array(select e.domain from auth.email_domain e where e.project_id = auth.current_project_id() and e.organization_id = o.id
    and e.verified_at is not null order by e.domain) as domains`

export function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    logoUrl: row.logo_url,
    metadata: row.metadata,
    domains: row.domains,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** What `auth.organization_claims` answers. */
export interface OrganizationClaimsRow {
  id: string
  slug: string
  role: string
  permissions: string[] | null
}

export function toActiveOrganization(row: OrganizationClaimsRow | null): ActiveOrganization | null {
  return row && { id: row.id, slug: row.slug, role: row.role, permissions: row.permissions ?? defaultPermissions(row.role) }
}
