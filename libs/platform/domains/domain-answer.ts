import { formatId } from '@portico/kernel/ids'
import type { DomainRow } from '../records/domain.store.js'

/** Where the proof is looked for. */
export function proofName(hostname: string): string {
  return `_portico.${hostname}`
}

export function domainAnswer(row: DomainRow) {
  return {
    id: formatId('dom', row.id),
    hostname: row.hostname,
    verified: row.verifiedAt !== null,
    verified_at: row.verifiedAt?.toISOString() ?? null,
    verification: { type: 'TXT', name: proofName(row.hostname), value: row.verificationToken },
    created_at: row.createdAt.toISOString(),
  }
}
