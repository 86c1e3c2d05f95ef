import { hkdfSync } from 'node:crypto'

/**
 * The password of a database role, derived from the master key (32 bytes), so that no further secret has to be kept or handed around.
 * HKDF-SHA256 (RFC 5869) with the role in `info`; 43 characters of base64url.
 */
export function deriveRolePassword(masterKey: Buffer, role: string): string {
  return Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), `portico/database-role/${role}`, 32)).toString('base64url')
}

/** Those that the role may have while the master key is rotated, the likeliest first; one when no rotation is on. */
export function deriveRolePasswords(keys: { masterKey: Buffer; previousMasterKey: Buffer | null }, role: string): [string, ...string[]] {
  const other = keys.previousMasterKey === null ? [] : [deriveRolePassword(keys.previousMasterKey, role)]
  return [deriveRolePassword(keys.masterKey, role), ...other]
}
