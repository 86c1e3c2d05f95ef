import type { ProjectTx } from '@portico/database/project-db'
import { issuerUrl } from '@portico/kernel/auth-url'
import type { ServiceRow } from '../records/auth-service.store.js'
import { issuerHost } from '../records/domain.store.js'
import { readRotation } from '../records/key-rotation.store.js'
import { listKeys } from '../records/signing-key.store.js'
import type { EnvironmentSource } from './environment.js'
import { listVariables, type VariableRow } from '../records/runtime-variable.store.js'

/** Everything that an environment is made of, as of this transaction. */
export async function readEnvironmentSource(
  tx: ProjectTx,
  service: ServiceRow,
  dataPlanePublicUrl: string,
): Promise<Omit<EnvironmentSource, 'variables'> & { variables: VariableRow[] }> {
  const { projectId } = tx.scope
  return {
    projectId,
    authUrl: issuerUrl(dataPlanePublicUrl, projectId, await issuerHost(tx, service.settings)),
    enabled: service.enabled,
    keys: await listKeys(tx),
    rotation: await readRotation(tx),
    variables: await listVariables(tx),
  }
}
