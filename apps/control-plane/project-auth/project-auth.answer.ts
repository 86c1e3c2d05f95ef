import { formatId } from '@portico/kernel/ids'
import { resolveSettings } from '@portico/kernel/settings/read-settings'
import type { AuthService } from '@portico/platform/auth-service/auth-service'
import type { Resource } from '@portico/platform/project-auth/project-auth'

export function projectAuthAnswer(resource: Resource, { projectId, authUrl, service }: AuthService) {
  const settings = resolveSettings(service.settings)
  return {
    resource_type: resource.resourceType,
    resource_id: resource.resourceId,
    project_id: formatId('proj', projectId),
    enabled: service.enabled,
    state: service.enabled ? ('enabled' as const) : ('disabled' as const),
    // The published clients read it; users have no database of their own here.
    database_id: null,
    auth_url: authUrl,
    provider: settings.providers[0] ?? null,
    config: {
      signup_enabled: settings.allow_signups,
      email_confirm_required: settings.require_email_confirmation,
      token_expiry_sec: settings.access_token_ttl_seconds,
    },
    created_at: service.createdAt.toISOString(),
    updated_at: service.updatedAt.toISOString(),
  }
}
