import type { MailSenderRow } from '@portico/platform/records/mail-sender.store'

/** The secret is never answered again, not even in part. */
export function mailSenderAnswer(row: MailSenderRow) {
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
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }
}
