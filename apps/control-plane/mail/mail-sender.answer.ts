import { formatId } from '@portico/kernel/ids'
import type { MailSenderRow, SenderOwner } from '@portico/platform/records/mail-sender.store'

/** The secret is never answered again, not even in part. */
export function mailSenderAnswer(row: MailSenderRow, owner: SenderOwner) {
  const { config, failing } = row
  return {
    id: row.id,
    kind: row.kind,
    from: row.from,
    state: row.state,
    host: config.host ?? null,
    port: config.port ?? null,
    security: config.security ?? null,
    user: config.user ?? null,
    retries: config.retries ?? null,
    domain: config.domain ?? null,
    dns_records: config.records ?? null,
    failing: failing && { code: failing.code, detail: failing.detail, since: failing.since.toISOString() },
    webhook_path: row.kind === 'resend' ? `/api/v1/mail/events/resend/${printedId(owner)}` : null,
    webhook_secret_set: config.takesReports === true,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }
}

function printedId(owner: SenderOwner): string {
  return owner.kind === 'project' ? formatId('proj', owner.scope.projectId) : formatId('tnt', owner.tenantId)
}
