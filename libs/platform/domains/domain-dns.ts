import { AuthError } from '@portico/kernel/auth-error'
import { domainDns as outside, type DomainDns } from '@portico/outbound/domain-dns'
import { OutboundError } from '@portico/outbound/outbound-error'

export type { DomainDns } from '@portico/outbound/domain-dns'

/** The same, in errors of ours: both throw `unavailable` when DNS does not answer. */
export const domainDns: DomainDns = {
  txt: (name) => outside.txt(name).catch(unavailable),
  pointsTo: (hostname, target) => outside.pointsTo(hostname, target).catch(unavailable),
}

function unavailable(error: unknown): never {
  if (!(error instanceof OutboundError)) throw error
  throw new AuthError('unavailable', { cause: error, message: 'The DNS did not answer. Try again shortly.' })
}
