import type { Directory } from '@portico/end-user/records/directory'
import type { DirectoryEvent } from '@portico/end-user/records/directory-event.store'
import type { DirectoryToken } from '@portico/end-user/records/directory-token.store'
import { authUrl } from '@portico/kernel/auth-url'

export function directoryAnswer(directory: Directory, { projectId, dataPlaneUrl }: { projectId: string; dataPlaneUrl: string }) {
  const { customSchema } = directory
  return {
    id: directory.id,
    name: directory.name,
    organization_id: directory.organizationId,
    /** What an identity provider calls the tenant URL, base URL or SCIM endpoint. */
    scim_url: `${authUrl(dataPlaneUrl, projectId)}/scim/v2`,
    group_roles: directory.groupRoles.map(({ group, role }) => ({ group, role })),
    fallback_role: directory.fallbackRole,
    custom_schema: customSchema && {
      id: customSchema.id,
      name: customSchema.name,
      attributes: customSchema.attributes.map(({ name, type, multiValued }) => ({ name, type, multi_valued: multiValued })),
    },
    last_used_at: directory.lastUsedAt?.toISOString() ?? null,
    created_at: directory.createdAt.toISOString(),
    updated_at: directory.updatedAt.toISOString(),
  }
}

export function directoryTokenAnswer(token: DirectoryToken) {
  return {
    id: token.id,
    prefix: token.prefix,
    created_at: token.createdAt.toISOString(),
    expires_at: token.expiresAt?.toISOString() ?? null,
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
  }
}

/** The only answer that holds the token. */
export function newDirectoryTokenAnswer({ row, token }: { row: DirectoryToken; token: string }) {
  return { ...directoryTokenAnswer(row), token }
}

export function directoryEventAnswer(event: DirectoryEvent) {
  return {
    id: event.id,
    method: event.method,
    resource: event.resource,
    resource_id: event.resourceId,
    status: event.status,
    detail: event.detail,
    created_at: event.createdAt.toISOString(),
  }
}
