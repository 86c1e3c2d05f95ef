/** What the product itself asks for; everything else that a role permits is the app's own vocabulary. */
export const ORGANIZATION_PERMISSIONS = ['org.read', 'org.update', 'org.delete', 'members.read', 'members.manage', 'sso.manage'] as const

export type OrganizationPermission = (typeof ORGANIZATION_PERMISSIONS)[number]

export interface OrganizationRoleDefinition {
  key: string
  name: string
  permissions: readonly string[]
}

/** The two roles that every project has until rows of its own replace them. Who makes an organization is its first `admin`. */
export const DEFAULT_ORGANIZATION_ROLES: readonly OrganizationRoleDefinition[] = [
  { key: 'admin', name: 'Admin', permissions: ORGANIZATION_PERMISSIONS },
  { key: 'member', name: 'Member', permissions: ['org.read', 'members.read'] },
]

/** The role that manages an organization and of which it keeps at least one person. */
export const ADMIN_ROLE = 'admin'

/** Permissions of a role that has no row; of an unknown one: none. */
export function defaultPermissions(role: string): readonly string[] {
  return DEFAULT_ORGANIZATION_ROLES.find(({ key }) => key === role)?.permissions ?? []
}

// All of them travel in each access token, which has to fit into a header beside everything else: organization claims stay below 1 KB.
export const MAX_PERMISSIONS = 50
export const MAX_PERMISSION_LENGTH = 64
export const MAX_PERMISSIONS_BYTES = 700
export const MAX_SLUG_LENGTH = 48

/** `billing.read`, `projects:write`. */
export const PERMISSION = /^[a-z][a-z0-9_.:-]{0,63}$/
export const ROLE_KEY = /^[a-z][a-z0-9_-]{0,31}$/
export const ORGANIZATION_SLUG = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/

/** Words that stand for something else where an organization is named: in our routes, and in those of most apps (`/acme` beside `/new`). */
const RESERVED_SLUGS: ReadonlySet<string> = new Set([
  'admin', 'all', 'api', 'deactivate', 'invitations', 'me', 'members', 'new', 'none', 'null', 'personal', 'self', 'settings', 'undefined',
])
/** Where a sign-in names an organization by id or slug, a slug like the id of another one would take its people. */
const LIKE_AN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function isReservedSlug(slug: string): boolean {
  return RESERVED_SLUGS.has(slug) || LIKE_AN_ID.test(slug)
}
