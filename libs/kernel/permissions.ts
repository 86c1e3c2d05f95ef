export const BUILT_IN_ROLES = ['owner', 'admin', 'editor', 'viewer'] as const
export type BuiltInRole = (typeof BUILT_IN_ROLES)[number]

export interface PermissionDefinition {
  meaning: string
  /** Whether it changes anything: a read-only API key has none of these. */
  changes: boolean
  /** The built-in roles that have it. */
  roles: readonly BuiltInRole[]
  /** What an API key names it by, where that is not the permission's own name: the scopes of keys are older than roles. */
  scope?: string
  /** Only where the installation itself is run: in tenant `default`, and with the keys made with the bootstrap key. */
  operator?: true
}

const EVERYBODY = BUILT_IN_ROLES
const EDITORS = ['owner', 'admin', 'editor'] as const
const ADMINS = ['owner', 'admin'] as const

/**
 * Everything that somebody can be allowed to do, once: each route names one of these, roles and the scopes of API keys are lists of them.
 */
export const PERMISSIONS = {
  'projects.read': { meaning: 'See projects, their instances and domains.', changes: false, roles: EVERYBODY, scope: 'projects:read' },
  'projects.write': { meaning: 'Make, change and archive projects.', changes: true, roles: EDITORS, scope: 'projects:write' },
  'stats.read': { meaning: 'See counts: people, sign-ins, mail.', changes: false, roles: EVERYBODY },
  'auth.read': { meaning: 'See the sign-in settings and providers of a project.', changes: false, roles: EVERYBODY, scope: 'auth:read' },
  'auth.write': {
    meaning: 'Change sign-in settings, providers, variables; rotate the signing secret.',
    changes: true,
    roles: EDITORS,
    scope: 'auth:write',
  },
  'users.read': { meaning: 'See the people of a project.', changes: false, roles: EVERYBODY, scope: 'users:read' },
  'users.manage': {
    meaning: 'Make, change, disable, recover, evict and delete the people of a project.',
    changes: true,
    roles: EDITORS,
    scope: 'users:write',
  },
  'env.read': {
    meaning: 'Read the runtime environment with its secret, and boot instances.',
    changes: false,
    roles: EDITORS,
    scope: 'env:read',
  },
  'domains.manage': { meaning: 'Add, verify and remove host names of a project.', changes: true, roles: EDITORS, scope: 'domains:write' },
  'webhooks.read': { meaning: 'See webhook endpoints and what was sent to them.', changes: false, roles: EVERYBODY },
  'webhooks.manage': { meaning: 'Make, change, test and remove webhook endpoints; send again.', changes: true, roles: EDITORS },
  'audit.read': { meaning: 'Read the audit log.', changes: false, roles: EVERYBODY, scope: 'audit:read' },
  'audit.manage': { meaning: 'Set how long the audit log is kept, and where it is streamed to.', changes: true, roles: ADMINS },
  'keys.manage': { meaning: 'List, make and revoke API keys.', changes: true, roles: ADMINS, scope: 'keys:write' },
  'team.read': { meaning: 'See the team and its roles.', changes: false, roles: EVERYBODY },
  'team.manage': { meaning: 'Invite and remove members, give and define roles.', changes: true, roles: ADMINS },
  'owners.manage': { meaning: 'Give and take the role of an owner.', changes: true, roles: ['owner'] },
  'clients.forward': { meaning: 'Vouch for the address of a client.', changes: true, roles: ADMINS, scope: 'clients:forward' },
  'settings.users.manage': {
    meaning: 'Change how the people of the console sign in.',
    changes: true,
    roles: ['owner'],
    operator: true,
  },
  'tenants.manage': { meaning: 'Make and list tenants.', changes: true, roles: ['owner'], scope: 'tenants:write', operator: true },
} as const satisfies Record<string, PermissionDefinition>

export type Permission = keyof typeof PERMISSIONS

const DEFINITIONS: Readonly<Record<Permission, PermissionDefinition>> = PERMISSIONS
export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as readonly Permission[]
/** What can be allowed within any tenant. */
export const TENANT_PERMISSIONS = ALL_PERMISSIONS.filter((permission) => !DEFINITIONS[permission].operator)

const BY_NAME = new Map<string, Permission>(
  ALL_PERMISSIONS.flatMap(
    (permission) =>
      [
        [permission, permission],
        [scopeOf(permission), permission],
      ] as const,
  ),
)

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(PERMISSIONS, text)
}

export function isBuiltInRole(text: string): text is BuiltInRole {
  return (BUILT_IN_ROLES as readonly string[]).includes(text)
}

/** The permission behind a scope, which may be named by either name; `null` for a name that is none. */
export function permissionOfScope(scope: string): Permission | null {
  return BY_NAME.get(scope) ?? null
}

/** What keys are stored and answered with. */
export function scopeOf(permission: Permission): string {
  return DEFINITIONS[permission].scope ?? permission
}

export function isChanging(permission: Permission): boolean {
  return DEFINITIONS[permission].changes
}

export function isOperators(permission: Permission): boolean {
  return DEFINITIONS[permission].operator === true
}

/** In the order of the table. @param operator whether it is in the tenant that runs the installation. */
export function permissionsOfRole(role: BuiltInRole, operator: boolean): Permission[] {
  return ALL_PERMISSIONS.filter((permission) => DEFINITIONS[permission].roles.includes(role) && (operator || !isOperators(permission)))
}
