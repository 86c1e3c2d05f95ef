import { OutboundError, type OutboundProblem } from '@portico/outbound/outbound-error'
import { OAuthProblem, type OAuthProblemKind } from './oauth-problem.js'

/** Why a document beside the proof of who came could not be read. That is no reason to refuse somebody who is known already. */
export interface Unread {
  /** `unavailable` passes by itself, `untrusted` is a broken answer, `misconfigured` one that this client may not have. */
  kind: OAuthProblemKind
  /** For the operator. */
  detail: string
}

const KINDS: Readonly<Record<OutboundProblem, OAuthProblemKind>> = {
  not_allowed: 'misconfigured',
  too_large: 'untrusted',
  unreachable: 'unavailable',
  too_slow: 'unavailable',
  busy: 'unavailable',
}

/** @param what names the document. Throws again what is no failure of the provider. */
export function unreadBecause(error: unknown, what: string): Unread {
  if (error instanceof OAuthProblem) return { kind: error.kind, detail: error.detail }
  if (error instanceof OutboundError) return { kind: KINDS[error.problem], detail: `${what}: ${error.problem}` }
  throw error
}
