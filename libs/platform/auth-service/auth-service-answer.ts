import { authUrl } from '@portico/kernel/auth-url'
import { formatId } from '@portico/kernel/ids'
import { resolveSettings } from '@portico/kernel/settings/read-settings'
import type { ServiceRow } from '../records/auth-service.store.js'
import type { KeyRow } from '../records/signing-key.store.js'

/** Never the secrets. Retired keys are shown while they verify. */
export function authServiceAnswer(dataPlanePublicUrl: string, projectId: string, service: ServiceRow, keys: readonly KeyRow[], now: Date) {
  return {
    project_id: formatId('proj', projectId),
    enabled: service.enabled,
    auth_url: service.firstEnabledAt === null ? null : authUrl(dataPlanePublicUrl, projectId),
    env_version: service.envVersion,
    settings: resolveSettings(service.settings),
    keys: keys
      .filter((key) => key.state !== 'retired' || (key.verifyUntil !== null && key.verifyUntil > now))
      .map((key) => ({
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
