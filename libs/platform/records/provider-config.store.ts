import type { ProjectTx } from '@portico/database/project-db'
import { camelKeys, snakeKeys } from '@portico/kernel/snake-case'
import type { ProviderOptions } from '@portico/oauth/provider'

/** A provider as configured; the secret stays sealed. */
export interface ProviderConfigRow {
  provider: string
  clientId: string
  secretSealed: Buffer
  issuer: string | null
  scopes: string[] | null
  options: ProviderOptions
  createdAt: Date
  updatedAt: Date
}

interface Row {
  provider: string
  client_id: string
  secret_sealed: Buffer
  issuer: string | null
  scopes: string[] | null
  extra: Record<string, string>
  created_at: Date
  updated_at: Date
}

const COLUMNS = 'provider, client_id, secret_sealed, issuer, scopes, extra, created_at, updated_at'

const toConfig = (row: Row): ProviderConfigRow => ({
  provider: row.provider,
  clientId: row.client_id,
  secretSealed: row.secret_sealed,
  issuer: row.issuer,
  scopes: row.scopes,
  options: camelKeys(row.extra),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

export async function listProviderConfigs(tx: ProjectTx): Promise<ProviderConfigRow[]> {
  const rows = await tx.query<Row>({
    name: 'provider_config_list',
    text: `select ${COLUMNS} from auth.provider_config where project_id = auth.current_project_id() order by provider`,
    values: [],
  })
  return rows.map(toConfig)
}

export async function findProviderConfig(tx: ProjectTx, provider: string): Promise<ProviderConfigRow | null> {
  const [row] = await tx.query<Row>({
    name: 'provider_config_find',
    text: `select ${COLUMNS} from auth.provider_config where project_id = auth.current_project_id() and provider = $1`,
    values: [provider],
  })
  return row ? toConfig(row) : null
}

export async function putProviderConfig(
  tx: ProjectTx,
  config: Omit<ProviderConfigRow, 'createdAt' | 'updatedAt'>,
  now: Date,
): Promise<ProviderConfigRow> {
  const [row] = await tx.query<Row>({
    name: 'provider_config_put',
    text: `insert into auth.provider_config (project_id, provider, client_id, secret_sealed, issuer, scopes, extra, created_at, updated_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $7)
      on conflict (project_id, provider) do update set client_id = excluded.client_id, secret_sealed = excluded.secret_sealed, issuer = excluded.issuer,
        scopes = excluded.scopes, extra = excluded.extra, updated_at = excluded.updated_at
      returning ${COLUMNS}`,
    values: [
      config.provider,
      config.clientId,
      config.secretSealed,
      config.issuer,
      config.scopes,
      JSON.stringify(snakeKeys(config.options)),
      now,
    ],
  })
  if (!row) throw new Error('the provider configuration was not written')
  return toConfig(row)
}

export async function deleteProviderConfig(tx: ProjectTx, provider: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'provider_config_delete',
    text: 'delete from auth.provider_config where project_id = auth.current_project_id() and provider = $1 returning provider',
    values: [provider],
  })
  return rows.length > 0
}
