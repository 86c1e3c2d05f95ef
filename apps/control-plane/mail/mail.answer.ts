import type { MailRow, SuppressedAddress } from '@portico/platform/records/mail.store'

export function mailAnswer(row: MailRow) {
  return {
    id: row.id,
    kind: row.kind,
    to: row.to,
    state: row.state,
    reason: row.reason,
    detail: row.detail,
    attempts: row.attempts,
    next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    done_at: row.doneAt?.toISOString() ?? null,
    delivery_at: row.deliveryAt?.toISOString() ?? null,
  }
}

export function suppressedAnswer({ address, reason, since }: SuppressedAddress) {
  return { address, reason, since: since.toISOString() }
}
