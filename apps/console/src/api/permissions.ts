/** What the pages ask for before they offer an action. The server has the last word at every call. */
export const PERMISSIONS = {
  createProjects: 'projects:write',
  changeProjects: 'projects:write',
  readAuth: 'auth:read',
  changeAuth: 'auth:write',
  readUsers: 'users:read',
  manageUsers: 'users:write',
  readSecrets: 'env:read',
  readAudit: 'audit:read',
  changeDomains: 'domains:write',
  manageKeys: 'keys:write',
} as const

export const whyNot = (permission: string): string => `Your role lacks ${permission}`
