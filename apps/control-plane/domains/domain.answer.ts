import { formatId } from '@portico/kernel/ids'
import type { DomainView } from '@portico/platform/domains/describe-domains'
import { stopsAt } from '@portico/platform/domains/domain-schedule'
import { proofName } from '@portico/platform/domains/proof-name'

export function domainAnswer(domain: DomainView) {
  const { hostname, verificationToken, verifiedAt, pointsHereSince, proofMissingSince, checkedAt } = domain
  const proof = { type: 'TXT', name: proofName(hostname), value: verificationToken }
  return {
    id: formatId('dom', domain.id),
    hostname,
    state: stateOf(domain),
    verified: verifiedAt !== null,
    verified_at: verifiedAt?.toISOString() ?? null,
    verification: proof,
    records: [
      { ...proof, found: checkedAt === null ? null : verifiedAt !== null && proofMissingSince === null },
      { type: 'CNAME', name: hostname, value: domain.target, found: checkedAt === null ? null : pointsHereSince !== null },
    ],
    main: domain.main,
    relying_party: domain.relyingParty,
    checked_at: checkedAt?.toISOString() ?? null,
    proof_missing_since: proofMissingSince?.toISOString() ?? null,
    stops_at: proofMissingSince === null ? null : stopsAt(proofMissingSince).toISOString(),
    created_at: domain.createdAt.toISOString(),
  }
}

/** `verified`: proved, and its DNS does not lead to us yet. `failing`: it serves, and will not for long. */
function stateOf({ verifiedAt, proofMissingSince, pointsHereSince }: DomainView): 'pending' | 'verified' | 'serving' | 'failing' {
  if (verifiedAt === null) return 'pending'
  if (proofMissingSince !== null) return 'failing'
  return pointsHereSince === null ? 'verified' : 'serving'
}
