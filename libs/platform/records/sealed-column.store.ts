import {
  mailSenderContext,
  providerSecretContext,
  runtimeVariableContext,
  signingKeyContext,
  ssoKeyContext,
  ssoSecretContext,
  tokenKeyContext,
  totpSeedContext,
  webhookSecretContext,
} from '@portico/crypto/seal-context'
import type { SealContext } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

export interface SealedColumn {
  table: string
  key: string
  column: string
  context: (projectId: string, key: string) => SealContext
}

/** Every long-lived sealed column of a project. A test holds this list against the catalogue, so that no new one is forgotten. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'auth.signing_key', key: 'kid', column: 'sealed', context: signingKeyContext },
  { table: 'auth.service', key: 'project_id', column: 'token_key_sealed', context: tokenKeyContext },
  { table: 'auth.runtime_variable', key: 'name', column: 'sealed', context: runtimeVariableContext },
  { table: 'auth.provider_config', key: 'provider', column: 'secret_sealed', context: providerSecretContext },
  { table: 'auth.mail_sender', key: 'id', column: 'secret_sealed', context: mailSenderContext },
  { table: 'auth.factor', key: 'id', column: 'sealed', context: totpSeedContext },
  { table: 'auth.hook', key: 'id', column: 'secret_sealed', context: webhookSecretContext },
  { table: 'auth.webhook_endpoint', key: 'id', column: 'secret_sealed', context: webhookSecretContext },
  { table: 'auth.sso_key', key: 'id', column: 'sealed', context: ssoKeyContext },
  { table: 'auth.sso_connection', key: 'id', column: 'secret_sealed', context: ssoSecretContext },
]

export interface SealedValue {
  key: string
  sealed: Buffer
}

export function listSealed(db: ProjectDb, scope: ProjectScope, { table, key, column }: SealedColumn): Promise<SealedValue[]> {
  return db.read<SealedValue>(scope, {
    name: `reseal_read_${table}_${column}`,
    text: `select ${key} as key, ${column} as sealed from ${table} where project_id = auth.current_project_id() and ${column} is not null`,
    values: [],
  })
}

/** Whether the value was replaced: one that changed meanwhile is left alone. */
export async function replaceSealed(
  db: ProjectDb,
  scope: ProjectScope,
  { table, key, column }: SealedColumn,
  value: SealedValue,
  fresh: Buffer,
): Promise<boolean> {
  const changed = await db.read(scope, {
    name: `reseal_write_${table}_${column}`,
    text: `update ${table} set ${column} = $3 where project_id = auth.current_project_id() and ${key} = $1 and ${column} = $2 returning ${key} as key`,
    values: [value.key, value.sealed, fresh],
  })
  return changed.length > 0
}
