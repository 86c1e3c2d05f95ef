import { addSeconds, DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '@portico/kernel/duration'
import type { DomainRow, DomainState } from '../records/domain.store.js'

/** How long a domain serves whose proof is gone: a mistake in a zone is mended within a weekend. */
export const GRACE_SECONDS = 72 * HOUR_SECONDS

/** What a look at DNS found. */
export interface Look {
  proved: boolean
  pointsHere: boolean
}

export type DomainEvent = 'domain.verified' | 'domain.failing' | 'domain.lost'

/** What follows from a look; `event`: what the owner is told. */
export function nextState(domain: DomainRow, { proved, pointsHere }: Look, now: Date): { state: DomainState; event: DomainEvent | null } {
  const pointsHereSince = pointsHere ? (domain.pointsHereSince ?? now) : null
  const { verifiedAt, proofMissingSince: missing } = domain
  if (verifiedAt === null)
    return proved
      ? { state: { verifiedAt: now, proofMissingSince: null, pointsHereSince }, event: 'domain.verified' }
      : { state: { verifiedAt, proofMissingSince: null, pointsHereSince }, event: null }
  if (proved)
    return { state: { verifiedAt, proofMissingSince: null, pointsHereSince }, event: missing === null ? null : 'domain.verified' }
  if (missing === null) return { state: { verifiedAt, proofMissingSince: now, pointsHereSince }, event: 'domain.failing' }
  if (now < stopsAt(missing)) return { state: { verifiedAt, proofMissingSince: missing, pointsHereSince }, event: null }
  return { state: { verifiedAt: null, proofMissingSince: null, pointsHereSince }, event: 'domain.lost' }
}

export function stopsAt(proofMissingSince: Date): Date {
  return addSeconds(proofMissingSince, GRACE_SECONDS)
}

/** Often while somebody sits and waits, rarely after that. */
export function nextCheckAt({ createdAt }: DomainRow, state: DomainState, now: Date): Date {
  const waits = state.verifiedAt === null || (state.pointsHereSince === null && state.proofMissingSince === null)
  if (!waits) return addSeconds(now, state.proofMissingSince === null ? HOUR_SECONDS : 10 * MINUTE_SECONDS)
  const age = (now.getTime() - (state.verifiedAt ?? createdAt).getTime()) / 1000
  if (age < HOUR_SECONDS) return addSeconds(now, 15)
  if (age < DAY_SECONDS) return addSeconds(now, 2 * MINUTE_SECONDS)
  if (state.verifiedAt !== null) return addSeconds(now, HOUR_SECONDS)
  return addSeconds(now, age < 14 * DAY_SECONDS ? 30 * MINUTE_SECONDS : DAY_SECONDS)
}
