import { formatId } from '@portico/kernel/ids'
import { proofName } from '@portico/platform/domains/proof-name'
import type { DomainRow } from '@portico/platform/records/domain.store'

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
