import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import { relyingPartyId } from '@portico/kernel/relying-party-id'
import { resolveSettings } from '@portico/kernel/settings/read-settings'
import type { ServiceRow } from '../records/auth-service.store.js'
import { listDomains, type DomainRow } from '../records/domain.store.js'
import { verifiedDomains } from '../records/stranded-people.store.js'

/** A domain as its operator sees it. */
export interface DomainView extends DomainRow {
  /** What its CNAME must name. */
  target: string
  /** Passkeys are made for this host: without it none of them works. */
  relyingParty: boolean
}

export async function describeDomains(tx: ProjectTx, service: ServiceRow, target: string): Promise<DomainView[]> {
  const relyingParty = relyingPartyId(resolveSettings(service.settings), await verifiedDomains(tx))
  return (await listDomains(tx)).map((domain) => ({
    ...domain,
    target,
    relyingParty: domain.verifiedAt !== null && domain.hostname === relyingParty,
  }))
}

/** Throws `not_found`. */
export async function describeDomain(tx: ProjectTx, service: ServiceRow, target: string, id: string): Promise<DomainView> {
  const domain = (await describeDomains(tx, service, target)).find((each) => each.id === id)
  if (!domain) throw new AuthError('not_found')
  return domain
}
