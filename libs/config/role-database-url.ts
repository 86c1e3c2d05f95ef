/**
 * `databaseUrl` for one restricted role: whatever credentials it carried are replaced, so that a service never works as the owner.
 * The password is `deriveRolePassword(masterKey, role)`.
 */
export function roleDatabaseUrl(databaseUrl: string, role: string, password: string): string {
  const url = new URL(databaseUrl)
  url.username = role
  url.password = password
  return url.href
}
