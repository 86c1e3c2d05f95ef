import { recordAudit, type AuditEvent } from '@portico/database/audit'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { snakeKeys } from '@portico/kernel/snake-case'

export type SenderKind = 'smtp' | 'resend' | 'resend_domain'

/** One DNS record that a domain needs before its mails are trusted. */
export interface DnsRecord {
  type: string
  name: string
  value: string
  priority: number | null
  status: string
}

/** What a sender is besides its address and its secret. */
export interface SenderConfig {
  host?: string
  port?: number
  security?: 'tls' | 'starttls' | 'none'
  user?: string
  retries?: number | null
  domain?: string
  /** The provider's id of the domain. */
  domainId?: string
  records?: DnsRecord[]
  /** Its owner has given the secret of a webhook. */
  takesReports?: boolean
}

export interface NewMailSender {
  /** Of this configuration: what is found out about an earlier one does not count for it. */
  id: string
  kind: SenderKind
  from: string
  config: SenderConfig
  secretSealed: Buffer | null
  state: 'pending' | 'ready' | 'failing'
}

export interface MailSenderRow extends NewMailSender {
  failing: { code: string; detail: string | null; since: Date } | null
  createdAt: Date
  updatedAt: Date
}

/** Whose sender it is. */
export type SenderOwner = { kind: 'project'; scope: ProjectScope } | { kind: 'tenant'; tenantId: string }

export const ownerId = (owner: SenderOwner): string => (owner.kind === 'project' ? owner.scope.projectId : owner.tenantId)

interface Row {
  id: string
  kind: SenderKind
  from_address: string
  config: SenderConfig
  secret_sealed: Buffer | null
  state: MailSenderRow['state']
  failing_code: string | null
  failing_detail: string | null
  failing_since: Date | null
  created_at: Date
  updated_at: Date
}

type Audit = Omit<AuditEvent, 'resource' | 'resourceId'>

const COLUMNS = 'id, kind, from_address, config, secret_sealed, state, failing_code, failing_detail, failing_since, created_at, updated_at'

/** A tenant's sender lives in schema `platform` and is reached by functions alone, a project's by row-level security. */
export class MailSenderStore {
  constructor(
    private readonly db: ProjectDb,
    private readonly sql: PlatformSql,
  ) {}

  async find(owner: SenderOwner): Promise<MailSenderRow | null> {
    const [row] =
      owner.kind === 'project'
        ? await this.db.read<Row>(owner.scope, {
            name: 'mail_sender',
            text: `select ${COLUMNS} from auth.mail_sender where project_id = auth.current_project_id()`,
            values: [],
          })
        : await this.sql.run<Row>({
            name: 'tenant_mail_sender',
            text: `select ${COLUMNS} from auth.tenant_mail_sender($1)`,
            values: [owner.tenantId],
          })
    return row ? toSender(row) : null
  }

  async put(owner: SenderOwner, sender: NewMailSender, audit: Audit, now: Date): Promise<void> {
    const values = [sender.id, sender.kind, sender.from, JSON.stringify(sender.config), sender.secretSealed, sender.state, now]
    if (owner.kind === 'tenant') {
      const row = { id: sender.id, kind: sender.kind, from_address: sender.from, config: sender.config, state: sender.state }
      await this.#changeTenant(owner.tenantId, row, sender.secretSealed, { ...audit, resourceId: sender.id }, now)
      return
    }
    await this.db.transaction(owner.scope, async (tx) => {
      await tx.query({
        name: 'mail_sender_put',
        text: `insert into auth.mail_sender (project_id, id, kind, from_address, config, secret_sealed, state, created_at, updated_at)
          values (auth.current_project_id(), $1, $2, $3, $4, $5, $6, $7, $7)
          on conflict (project_id) do update set id = excluded.id, kind = excluded.kind, from_address = excluded.from_address,
            config = excluded.config, secret_sealed = excluded.secret_sealed, state = excluded.state, failing_code = null,
            failing_detail = null, failing_since = null, updated_at = excluded.updated_at`,
        values,
      })
      await recordAudit(tx, { ...audit, resource: 'mail_sender', resourceId: sender.id }, now)
      tx.projectChanged(now)
    })
  }

  /** Whether there was one. */
  async remove(owner: SenderOwner, audit: Audit, now: Date): Promise<boolean> {
    if (owner.kind === 'tenant') return this.#changeTenant(owner.tenantId, null, null, { ...audit, resourceId: null }, now)
    return this.db.transaction(owner.scope, async (tx) => {
      const gone = await tx.query<{ id: string }>({
        name: 'mail_sender_delete',
        text: 'delete from auth.mail_sender where project_id = auth.current_project_id() returning id',
        values: [],
      })
      if (!gone[0]) return false
      await recordAudit(tx, { ...audit, resource: 'mail_sender', resourceId: gone[0].id }, now)
      tx.projectChanged(now)
      return true
    })
  }

  /** What was found out about its domain. */
  async noteState(owner: SenderOwner, sender: NewMailSender, now: Date): Promise<void> {
    await this.sql.runWithEvents({
      name: 'note_mail_sender',
      text: 'select auth.note_mail_sender($1, $2, $3, $4, null, null, $5, $6)',
      values: [owner.kind, ownerId(owner), sender.id, sender.state, JSON.stringify(sender.config), now],
    })
  }

  async #changeTenant(
    tenantId: string,
    row: Record<string, unknown> | null,
    secret: Buffer | null,
    audit: Audit & { resourceId: string | null },
    now: Date,
  ): Promise<boolean> {
    const event = {
      action: audit.action,
      actor_type: audit.actor.type,
      actor_id: audit.actor.id,
      resource_id: audit.resourceId,
      ip: audit.ip ?? null,
      user_agent: audit.userAgent ?? null,
      metadata: snakeKeys(audit.metadata ?? {}),
    }
    const [answer] = await this.sql.runWithEvents<{ changed: boolean }>({
      name: 'change_tenant_mail_sender',
      text: 'select auth.change_tenant_mail_sender($1, $2, $3, $4, $5) as changed',
      values: [tenantId, row === null ? null : JSON.stringify(row), secret, JSON.stringify(event), now],
    })
    return answer?.changed ?? false
  }
}

function toSender(row: Row): MailSenderRow {
  const { failing_code: code, failing_detail: detail, failing_since: since } = row
  return {
    id: row.id,
    kind: row.kind,
    from: row.from_address,
    config: row.config,
    secretSealed: row.secret_sealed,
    state: row.state,
    failing: since === null ? null : { code: code ?? 'unknown', detail, since },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

const SEALED = 'select tenant_id, id, sealed from auth.sealed_tenant_senders($1, $2, $3)'

/** For the rotation of the master key. */
export async function tenantSenderSecrets(sql: PlatformSql): Promise<{ tenantId: string; id: string; sealed: Buffer }[]> {
  const rows = await sql.run<{ tenant_id: string; id: string; sealed: Buffer }>({
    name: 'sealed_senders',
    text: SEALED,
    values: [null, null, null],
  })
  return rows.map(({ tenant_id: tenantId, id, sealed }) => ({ tenantId, id, sealed }))
}

/** Whether it was replaced: one that changed meanwhile is left alone. */
export async function replaceTenantSenderSecret(sql: PlatformSql, tenantId: string, before: Buffer, fresh: Buffer): Promise<boolean> {
  return (await sql.run({ name: 'sealed_senders', text: SEALED, values: [tenantId, before, fresh] })).length > 0
}
