import type { AccessRule } from '@portico/http/access-rule'
import { isPermission, permissionOfScope, type Permission } from '@portico/kernel/permissions'

/** What `@Access` may say on this plane: `'public'`, `'signed-in'` (whoever calls, with whatever they may do), or one permission. */
export interface PermissionRule {
  permission: Permission
  /** Archived projects too. */
  archived: boolean
  /** Not about one project, and still open to a key that is limited to some: it shows those alone. */
  limitedKeys: boolean
}

export type ControlPlaneRule = 'public' | 'signed-in' | PermissionRule

/** Throws for what is none: a route must not start with a rule that nobody checks. */
export function readRule(rule: AccessRule): ControlPlaneRule {
  if (rule === 'public' || rule === 'signed-in') return rule
  const { permission, scope, archived, limitedKeys } = typeof rule === 'string' ? ({} as Record<string, unknown>) : rule
  const named = typeof scope === 'string' ? permissionOfScope(scope) : permission
  if (typeof named !== 'string' || !isPermission(named)) throw new Error(`an access rule that names no permission: ${JSON.stringify(rule)}`)
  return { permission: named, archived: archived === true, limitedKeys: limitedKeys === true }
}
