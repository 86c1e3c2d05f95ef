import { AuthError } from '@portico/kernel/auth-error'
import type { Permission } from '@portico/kernel/permissions'
import type { Caller } from '../caller.js'

/** Nobody gives, or takes from somebody, more than they may do themselves: else an admin could make owners, or remove them. */
export function requireHeld(caller: Caller, permissions: readonly Permission[]): void {
  const missing = permissions.filter((permission) => !caller.permissions.has(permission))
  if (missing.length === 0) return
  throw new AuthError('insufficient_scope', { message: `That takes permissions that you do not have yourself: ${missing.join(', ')}.` })
}
