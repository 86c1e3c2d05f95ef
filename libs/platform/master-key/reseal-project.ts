import { providerSecretContext, runtimeVariableContext, signingKeyContext, tokenKeyContext, totpSeedContext } from '@portico/crypto/seal-context'
import type { SealContext, SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

/** Every long-lived sealed column of a project. A test holds this list against the catalogue, so that no new one is forgotten. */
export const SEALED_COLUMNS: readonly { table: string; key: string; column: string; context: (projectId: string, key: string) => SealContext }[] = [
  { table: 'auth.signing_key', key: 'kid', column: 'sealed', context: signingKeyContext },
  { table: 'auth.service', key: 'project_id', column: 'token_key_sealed', context: tokenKeyContext },
  { table: 'auth.runtime_variable', key: 'name', column: 'sealed', context: runtimeVariableContext },
  { table: 'auth.provider_config', key: 'provider', column: 'secret_sealed', context: providerSecretContext },
  { table: 'auth.factor', key: 'id', column: 'sealed', context: totpSeedContext },
]

/**
 * Seals again, under the current master key, whatever one project still has sealed under the previous one. Safe to stop at any moment
 * and to run again or twice at once: a value that is already current is passed over, and a value that changed meanwhile is left alone.
 * Returns how many values were sealed again. Throws `SealedBoxError` when a value opens with neither key.
 */
export class ResealProject {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
  ) {}

  async execute(scope: ProjectScope): Promise<number> {
    let resealed = 0
    for (const { table, key, column, context } of SEALED_COLUMNS) {
      const rows = await this.db.read<{ key: string; sealed: Buffer }>(scope, {
        name: `reseal_read_${table}_${column}`,
        text: `select ${key} as key, ${column} as sealed from ${table} where project_id = auth.current_project_id() and ${column} is not null`,
        values: [],
      })
      for (const row of rows) {
        if (!this.box.needsReseal(row.sealed)) continue
        const fresh = this.box.reseal(row.sealed, context(scope.projectId, row.key))
        const changed = await this.db.read<{ key: string }>(scope, {
          name: `reseal_write_${table}_${column}`,
          text: `update ${table} set ${column} = $3 where project_id = auth.current_project_id() and ${key} = $1 and ${column} = $2 returning ${key} as key`,
          values: [row.key, row.sealed, fresh],
        })
        resealed += changed.length
      }
    }
    return resealed
  }
}
