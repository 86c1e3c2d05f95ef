import { authUrl } from '@portico/kernel/auth-url'
import type { ServiceRow } from '../records/auth-service.store.js'
import type { KeyRow } from '../records/signing-key.store.js'

/** A project's auth as its operator sees it. */
export interface AuthService {
  projectId: string
  /** `null` before the first enable. */
  authUrl: string | null
  service: ServiceRow
  /** Retired keys are among them while they verify. */
  keys: KeyRow[]
}

export function authService(
  dataPlanePublicUrl: string,
  projectId: string,
  service: ServiceRow,
  keys: readonly KeyRow[],
  now: Date,
): AuthService {
  return {
    projectId,
    authUrl: service.firstEnabledAt === null ? null : authUrl(dataPlanePublicUrl, projectId),
    service,
    keys: keys.filter((key) => key.state !== 'retired' || (key.verifyUntil !== null && key.verifyUntil > now)),
  }
}
