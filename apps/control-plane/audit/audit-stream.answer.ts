import type { AuditStream } from '@portico/platform/records/audit-stream.store'

export function auditStreamAnswer({ destination, ...stream }: AuditStream) {
  return {
    kind: destination.kind,
    ...(destination.kind === 'https'
      ? { url: destination.url }
      : {
          endpoint: destination.endpoint,
          region: destination.region,
          bucket: destination.bucket,
          prefix: destination.prefix,
          access_key_id: destination.accessKeyId,
        }),
    state: stream.failingSince === null ? 'ready' : 'failing',
    failing_since: stream.failingSince?.toISOString() ?? null,
    problem: stream.problem,
    delivered_at: stream.deliveredAt?.toISOString() ?? null,
    parts: stream.parts,
    rows_behind: stream.behind,
    next_attempt_at: stream.nextAttemptAt.toISOString(),
    created_at: stream.createdAt.toISOString(),
    updated_at: stream.updatedAt.toISOString(),
  }
}
