import { providerSecretContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { camelKeys } from '@portico/kernel/snake-case'
import type { ProviderConfig } from '@portico/oauth/provider'

interface Row {
  client_id: string
  secret_sealed: Buffer
  issuer: string | null
  scopes: string[] | null
  extra: Record<string, string>
}

/** The project's configuration of a provider, its secret opened; `null` when the operator has given none. */
export async function findProviderConfig(
  db: ProjectDb,
  box: SealedBox,
  project: ProjectRecord,
  provider: string,
): Promise<ProviderConfig | null> {
  const [row] = await db.read<Row>(project.scope, {
    name: 'provider_config',
    text: 'select client_id, secret_sealed, issuer, scopes, extra from auth.provider_config where project_id = auth.current_project_id() and provider = $1',
    values: [provider],
  })
  if (!row) return null
  return {
    projectId: project.scope.projectId,
    tenantId: project.scope.tenantId,
    provider,
    clientId: row.client_id,
    clientSecret: open(box, project, provider, row.secret_sealed),
    issuer: row.issuer,
    scopes: row.scopes,
    options: camelKeys(row.extra),
  }
}

/** The secret alone; `null` when the operator has given none. */
export async function findProviderSecret(db: ProjectDb, box: SealedBox, project: ProjectRecord, provider: string): Promise<string | null> {
  const [row] = await db.read<Pick<Row, 'secret_sealed'>>(project.scope, {
    name: 'provider_config_secret',
    text: 'select secret_sealed from auth.provider_config where project_id = auth.current_project_id() and provider = $1',
    values: [provider],
  })
  return row ? open(box, project, provider, row.secret_sealed) : null
}

function open(box: SealedBox, { scope }: ProjectRecord, provider: string, sealed: Buffer): string {
  return box.open(sealed, providerSecretContext(scope.projectId, provider)).toString('utf8')
}
