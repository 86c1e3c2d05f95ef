/** What a tenant's key may be allowed to do. */
export const TENANT_SCOPES = [
  'projects:read',
  'projects:write',
  'auth:read',
  'auth:write',
  'users:read',
  'users:write',
  'env:read',
  'domains:write',
  'audit:read',
  'keys:write',
  'clients:forward',
] as const

/** The operator's: makes and lists tenants. Only the bootstrap key has it, and keys made with that one. */
const OPERATOR_SCOPE = 'tenants:write'

export const ALL_SCOPES: readonly string[] = [...TENANT_SCOPES, OPERATOR_SCOPE]
