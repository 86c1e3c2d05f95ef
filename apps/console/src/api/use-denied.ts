import { whyNot, type KnownPermission } from './permissions.js'
import { useCan } from './session.js'

/** For `deniedBecause` of a button: why the reader may not, or false. */
export function useDenied(permission: KnownPermission): string | false {
  return !useCan(permission) && whyNot(permission)
}
