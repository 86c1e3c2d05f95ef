import type { ProjectTx } from '@portico/database/project-db'
import { issuerUrl } from '@portico/kernel/auth-url'
import type { ServiceRow } from '../records/auth-service.store.js'
import { issuerHost } from '../records/domain.store.js'
import { listKeys, type KeyRow } from '../records/signing-key.store.js'

/** A project's auth as its operator sees it. */
export interface AuthService {
  projectId: string
  /** `null` before the first enable. */
  authUrl: string | null
  service: ServiceRow
  /** Retired keys are among them while they verify. */
  keys: KeyRow[]
}

export async function authService(tx: ProjectTx, dataPlanePublicUrl: string, service: ServiceRow, now: Date): Promise<AuthService> {
  const { projectId } = tx.scope
  const keys = await listKeys(tx)
  const host = await issuerHost(tx, service.settings)
  return {
    projectId,
    authUrl: service.firstEnabledAt === null ? null : issuerUrl(dataPlanePublicUrl, projectId, host),
    service,
    keys: keys.filter((key) => key.state !== 'retired' || (key.verifyUntil !== null && key.verifyUntil > now)),
  }
}
