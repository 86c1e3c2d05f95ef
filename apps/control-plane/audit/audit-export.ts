import { formatId } from '@portico/kernel/ids'
import type { AuditChain } from '@portico/platform/audit/export-audit-chain'
import type { ChainedRow } from '@portico/platform/records/audit-chain.store'

/** NDJSON for `portico audit verify`: keys, rows in the order of the chain, signed heads, an end. Texts are those that were hashed. */
export async function* auditExportText(projectId: string, chain: AuditChain): AsyncGenerator<string> {
  yield line({ type: 'portico.audit', version: 1, project_id: formatId('proj', projectId), keys: chain.keys })
  let last: ChainedRow | null = null
  for await (const rows of chain.pages) {
    yield rows.map(rowLine).join('')
    last = rows.at(-1) ?? last
  }
  for (const { seq, jws } of chain.signatures) yield line({ type: 'signature', seq, jws })
  yield line({ type: 'end', rows: last?.seq ?? 0, head: last?.head ?? null })
}

function rowLine(row: ChainedRow): string {
  const { seq, eventId, leaf, commitment, head } = row
  if (row.action === null) return line({ type: 'stub', seq, id: eventId, commitment, leaf, head })
  return line({
    type: 'event', seq, id: eventId, action: row.action, actor_type: row.actorType, actor_id: row.actorId, resource: row.resource,
    resource_id: row.resourceId, metadata: row.metadata, created_at: row.createdAt, ip: row.ip, user_agent: row.userAgent, salt: row.salt,
    commitment, leaf, head,
  })
}

const line = (value: object) => `${JSON.stringify(value)}\n`
