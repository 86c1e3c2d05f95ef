import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import type { CheckDomain } from './check-domain.js'
import type { DomainView } from './describe-domains.js'
import { proofName } from './proof-name.js'

/** Looks for the proof in DNS now, instead of at the worker's next turn. */
export class VerifyDomain {
  constructor(private readonly check: CheckDomain) {}

  async execute(scope: ProjectScope, caller: Caller, domainId: string): Promise<DomainView> {
    const checked = await this.check.execute(scope, doneBy(caller), domainId)
    if (!checked) throw new AuthError('not_found')
    if (checked.domain.verifiedAt !== null) return checked.domain
    const name = proofName(checked.domain.hostname)
    const message = `There is no TXT record at ${name} with the value of this domain yet. DNS may need some minutes.`
    throw invalidField('hostname', 'proof_not_found', message)
  }
}
