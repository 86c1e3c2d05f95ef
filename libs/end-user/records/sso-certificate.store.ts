import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectTx } from '@portico/database/project-db'
import { snakeKeys } from '@portico/kernel/snake-case'
import type { SsoSettings } from './sso-connection.js'

/** Connections whose turn it is, of all projects; nobody else looks at them until `before` has come round again. */
export async function dueSsoConnections(
  sql: PlatformSql,
  { limit, now, before }: { limit: number; now: Date; before: Date },
): Promise<{ projectId: string; id: string }[]> {
  const rows = await sql.run<{ project_id: string; id: string }>({
    name: 'due_sso_connections',
    text: 'select project_id, id from auth.due_sso_connections($1, $2, $3)',
    values: [limit, now, before],
  })
  return rows.map((row) => ({ projectId: row.project_id, id: row.id }))
}

/** Who runs a tenant, as end users of the console's project. */
export async function tenantOperators(sql: PlatformSql, tenantId: string): Promise<{ projectId: string; userId: string }[]> {
  const rows = await sql.run<{ people_project_id: string; user_id: string }>({
    name: 'tenant_operators',
    text: 'select people_project_id, user_id from auth.tenant_operators($1)',
    values: [tenantId],
  })
  return rows.map((row) => ({ projectId: row.people_project_id, userId: row.user_id }))
}

/** False: it was announced before. */
export async function noteCertificate(
  tx: ProjectTx,
  { connectionId, fingerprint, days, now }: { connectionId: string; fingerprint: string; days: number; now: Date },
): Promise<boolean> {
  const rows = await tx.query({
    name: 'sso_certificate_note',
    text: `insert into auth.sso_certificate_notice (project_id, connection_id, fingerprint, days, created_at)
      values (auth.current_project_id(), $1, $2, $3, $4) on conflict (project_id, connection_id, fingerprint, days) do nothing returning days`,
    values: [connectionId, fingerprint, days, now],
  })
  return rows.length > 0
}

/** What the metadata say today; false: an operator has changed the connection meanwhile. */
export async function saveSsoMetadata(
  tx: ProjectTx,
  { id, settings, savedAt, changedAt }: { id: string; settings: SsoSettings; savedAt: Date; changedAt: Date },
): Promise<boolean> {
  const rows = await tx.query({
    name: 'sso_metadata_save',
    text: `update auth.sso_connection set config = $2, updated_at = $4
      where project_id = auth.current_project_id() and id = $1 and updated_at = $3 returning id`,
    values: [id, JSON.stringify(snakeKeys({ ...settings })), savedAt, changedAt],
  })
  return rows.length > 0
}
