import { formatId } from '@portico/kernel/ids'
import { resolveSettings } from '@portico/kernel/settings/read-settings'
import type { AuthService } from '@portico/platform/auth-service/auth-service'

/** Never the secrets. */
export function authServiceAnswer({ projectId, authUrl, service, keys }: AuthService) {
  return {
    project_id: formatId('proj', projectId),
    enabled: service.enabled,
    auth_url: authUrl,
    env_version: service.envVersion,
    settings: resolveSettings(service.settings),
    keys: keys.map((key) => ({
      kid: key.kid,
      alg: key.alg,
      state: key.state,
      created_at: key.createdAt.toISOString(),
      verify_until: key.verifyUntil?.toISOString() ?? null,
    })),
    created_at: service.createdAt.toISOString(),
    updated_at: service.updatedAt.toISOString(),
  }
}
