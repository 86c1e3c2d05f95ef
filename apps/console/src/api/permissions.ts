/** What the pages ask for before they offer an action. The server has the last word at every call. */
export const PERMISSIONS = {
  readProjects: 'projects.read',
  createProjects: 'projects.write',
  changeProjects: 'projects.write',
  readStats: 'stats.read',
  readAuth: 'auth.read',
  changeAuth: 'auth.write',
  readUsers: 'users.read',
  manageUsers: 'users.manage',
  readSecrets: 'env.read',
  readAudit: 'audit.read',
  manageAudit: 'audit.manage',
  manageDomains: 'domains.manage',
  readWebhooks: 'webhooks.read',
  manageWebhooks: 'webhooks.manage',
  manageKeys: 'keys.manage',
  readTeam: 'team.read',
  manageTeam: 'team.manage',
  changeConsole: 'settings.users.manage',
} as const

export type KnownPermission = (typeof PERMISSIONS)[keyof typeof PERMISSIONS]

export const whyNot = (permission: string): string => `Your role lacks ${permission}`
