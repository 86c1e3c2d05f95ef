import type { ProjectTx } from '@portico/database/project-db'
import { lockService } from '../records/auth-service.store.js'
import { environmentChanged, issuerHost } from '../records/domain.store.js'

/**
 * Where tokens name the main domain, so does the environment of every instance: a change of domains that makes it another one counts as one
 * of the environment. Locks the service row first, as every change of a project's auth does.
 */
export async function keepEnvironment<T>(tx: ProjectTx, now: Date, change: () => Promise<T>): Promise<T> {
  const { settings } = await lockService(tx)
  const before = await issuerHost(tx, settings)
  const result = await change()
  if ((await issuerHost(tx, settings)) !== before) await environmentChanged(tx, now)
  return result
}
