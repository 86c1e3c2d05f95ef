import type { ProjectTx } from '@portico/database/project-db'
import type { SettingsOverrides } from '@portico/kernel/settings/read-settings'

export interface ServiceRow {
  enabled: boolean
  firstEnabledAt: Date | null
  settings: SettingsOverrides
  envVersion: number
  createdAt: Date
  updatedAt: Date
}

interface RawService {
  enabled: boolean
  first_enabled_at: Date | null
  settings: SettingsOverrides
  env_version: number
  created_at: Date
  updated_at: Date
}

const SERVICE_COLUMNS = 'enabled, first_enabled_at, settings, env_version, created_at, updated_at'

function toService(row: RawService): ServiceRow {
  return {
    enabled: row.enabled,
    firstEnabledAt: row.first_enabled_at,
    settings: row.settings,
    envVersion: row.env_version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function only<R>(rows: R[]): R {
  const [row] = rows
  // The row is made with the project and goes with it.
  if (row === undefined) throw new Error('the project has no service row')
  return row
}

export async function readService(tx: ProjectTx): Promise<ServiceRow> {
  const text = `select ${SERVICE_COLUMNS} from auth.service where project_id = auth.current_project_id()`
  return toService(only(await tx.query<RawService>({ name: 'service_read', text, values: [] })))
}

/** Changes of one project's auth run one after the other: each locks this row first. Boots wait for it too. */
export async function lockService(tx: ProjectTx): Promise<ServiceRow> {
  const text = `select ${SERVICE_COLUMNS} from auth.service where project_id = auth.current_project_id() for update`
  return toService(only(await tx.query<RawService>({ name: 'service_lock', text, values: [] })))
}

/** Keeps changes away until the transaction ends, so that several reads agree. */
export async function lockServiceShared(tx: ProjectTx): Promise<ServiceRow> {
  const text = `select ${SERVICE_COLUMNS} from auth.service where project_id = auth.current_project_id() for share`
  return toService(only(await tx.query<RawService>({ name: 'service_share', text, values: [] })))
}

/** Writes the row back; `envChanged` counts one more version of what a boot gets. */
export async function saveService(tx: ProjectTx, service: ServiceRow, envChanged: boolean, now: Date): Promise<ServiceRow> {
  const rows = await tx.query<RawService>({
    name: 'service_save',
    text: `update auth.service set enabled = $1, first_enabled_at = $2, settings = $3, env_version = env_version + $4, updated_at = $5
      where project_id = auth.current_project_id() returning ${SERVICE_COLUMNS}`,
    values: [service.enabled, service.firstEnabledAt, JSON.stringify(service.settings), envChanged ? 1 : 0, now],
  })
  tx.projectChanged(now)
  return toService(only(rows))
}
