import type { PlatformSql } from '@portico/database/platform-sql'

/** A configured sender of a project or tenant; the secret is sealed. */
export interface OwnSenderRow {
  owner: 'project' | 'tenant'
  ownerId: string
  id: string
  kind: 'smtp' | 'resend' | 'resend_domain'
  from: string
  config: { host?: string; port?: number; security?: 'tls' | 'starttls' | 'none'; user?: string; retries?: number | null }
  secretSealed: Buffer | null
  failing: boolean
}

interface Row {
  owner: OwnSenderRow['owner']
  owner_id: string
  id: string
  kind: OwnSenderRow['kind']
  from_address: string
  config: OwnSenderRow['config']
  secret_sealed: Buffer | null
  state: string
}

/** The project's own, then its tenant's. */
export async function ownMailSenders(sql: PlatformSql, projectId: string): Promise<OwnSenderRow[]> {
  const rows = await sql.run<Row>({
    name: 'mail_senders',
    text: 'select owner, owner_id, id, kind, from_address, config, secret_sealed, state from auth.mail_senders($1)',
    values: [projectId],
  })
  return rows.map((row) => ({
    owner: row.owner,
    ownerId: row.owner_id,
    id: row.id,
    kind: row.kind,
    from: row.from_address,
    config: row.config,
    secretSealed: row.secret_sealed,
    failing: row.state === 'failing',
  }))
}

export interface SenderNews {
  state: 'ready' | 'failing' | 'pending'
  code?: string | undefined
  detail?: string | undefined
  config?: unknown
}

/** Whether it was news; its owner is told then, once for all workers. */
export async function noteMailSender(
  sql: PlatformSql,
  { owner, ownerId, id }: Pick<OwnSenderRow, 'owner' | 'ownerId' | 'id'>,
  news: SenderNews,
  now: Date,
): Promise<boolean> {
  const config = news.config === undefined ? null : JSON.stringify(news.config)
  const [row] = await sql.runWithEvents<{ news: boolean }>({
    name: 'note_mail_sender',
    text: 'select auth.note_mail_sender($1, $2, $3, $4, $5, $6, $7, $8) as news',
    values: [owner, ownerId, id, news.state, news.code ?? null, news.detail ?? null, config, now],
  })
  return row?.news ?? false
}

export interface PendingSender extends Pick<OwnSenderRow, 'owner' | 'ownerId' | 'id'> {
  config: { domainId?: string; records?: unknown }
}

/** Those whose domain waits for its proof. */
export async function pendingMailSenders(sql: PlatformSql, limit: number): Promise<PendingSender[]> {
  const rows = await sql.run<{ owner: OwnSenderRow['owner']; owner_id: string; id: string; config: PendingSender['config'] }>({
    name: 'pending_mail_senders',
    text: 'select owner, owner_id, id, config from auth.pending_mail_senders($1)',
    values: [limit],
  })
  return rows.map((row) => ({ owner: row.owner, ownerId: row.owner_id, id: row.id, config: row.config }))
}
