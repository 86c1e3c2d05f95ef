import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import {
  ALL_PERMISSIONS,
  BUILT_IN_ROLES,
  isBuiltInRole,
  isOperators,
  isPermission,
  permissionsOfRole,
  type BuiltInRole,
  type Permission,
} from '@portico/kernel/permissions'
import type { Caller } from '../caller.js'
import { isUniqueViolation } from '../platform-errors.js'
import { deleteRole, insertRole, listRoles, updateRole, type RoleRow } from '../records/role.store.js'
import { homeTenantId } from '../records/tenant.store.js'
import { requireHeld } from './require-held.js'

export interface Role {
  name: string
  description: string
  permissions: Permission[]
  builtIn: boolean
}

const NAME = /^[a-z][a-z0-9-]{0,39}$/

const DESCRIPTIONS: Readonly<Record<BuiltInRole, string>> = {
  owner: 'Everything, and who else is owner.',
  admin: 'Everything but owners: projects, people, keys, the team.',
  editor: 'Projects, their settings and their people; no keys and no team.',
  viewer: 'Sees everything but secrets; changes nothing.',
}

/** The four roles that every tenant has, and its own. */
export class ManageRoles {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    /** What a role may do has changed. */
    private readonly onChanged: () => void,
  ) {}

  async list(caller: Caller): Promise<Role[]> {
    const [home, own] = await Promise.all([homeTenantId(this.db), listRoles(this.db, caller.tenantId)])
    const builtIn = BUILT_IN_ROLES.map((name) => ({
      name,
      description: DESCRIPTIONS[name],
      permissions: permissionsOfRole(name, home === caller.tenantId),
      builtIn: true,
    }))
    return [...builtIn, ...own.map(toRole)]
  }

  async create(caller: Caller, input: { name: string; description: string; permissions: string[] }): Promise<Role> {
    if (!NAME.test(input.name) || isBuiltInRole(input.name))
      throw invalidField(
        'name',
        'not_allowed',
        'This must be 1 to 40 lower-case letters, digits and hyphens, and no role that is there always.',
      )
    const permissions = readPermissions(caller, input.permissions)
    try {
      return toRole(await insertRole(this.db, caller, { name: input.name, description: input.description, permissions }, this.clock.now()))
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      throw new AuthError('conflict', {
        cause: error,
        details: [{ field: 'name', code: 'taken', message: 'There is a role of this name.' }],
      })
    }
  }

  /** Those who have it may do from now on what it says now. */
  async change(
    caller: Caller,
    name: string,
    input: { description?: string | undefined; permissions?: string[] | undefined },
  ): Promise<Role> {
    const found = (await listRoles(this.db, caller.tenantId)).find((role) => role.name === name)
    if (!found) throw new AuthError(isBuiltInRole(name) ? 'conflict' : 'not_found')
    requireHeld(caller, toRole(found).permissions)
    const change = {
      ...(input.description !== undefined && { description: input.description }),
      ...(input.permissions !== undefined && { permissions: readPermissions(caller, input.permissions) }),
    }
    const row = await updateRole(this.db, caller, name, change, this.clock.now())
    if (!row) throw new AuthError('not_found')
    this.onChanged()
    return toRole(row)
  }

  /** Throws `conflict` while somebody has it. */
  async remove(caller: Caller, name: string): Promise<void> {
    if (isBuiltInRole(name)) throw new AuthError('conflict', { message: 'This role is there always.' })
    const outcome = await deleteRole(this.db, caller, name, this.clock.now())
    if (outcome === 'none') throw new AuthError('not_found')
    if (outcome === 'in_use') throw new AuthError('conflict', { message: 'Somebody has this role. Give them another one first.' })
  }
}

function readPermissions(caller: Caller, names: readonly string[]): Permission[] {
  const permissions = ALL_PERMISSIONS.filter((permission) => names.includes(permission))
  const allowed = names.every((name) => isPermission(name) && !isOperators(name))
  if (!allowed || permissions.length === 0) {
    const known = ALL_PERMISSIONS.filter((permission) => !isOperators(permission)).join(', ')
    throw invalidField('permissions', 'not_allowed', `Give at least one of ${known}.`)
  }
  requireHeld(caller, permissions)
  return permissions
}

function toRole({ name, description, permissions }: RoleRow): Role {
  return { name, description, permissions: permissions.filter(isPermission), builtIn: false }
}
