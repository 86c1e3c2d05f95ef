import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { parseEmailAddress } from '@portico/kernel/email-address'
import type { Entropy } from '@portico/kernel/entropy'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import type { Caller } from '../caller.js'
import type { EndUser } from '../records/end-user.js'
import { resolveIdentity } from '../steps/resolve-identity.js'
import { SignInRefusal } from '../steps/sign-in-refusal.js'

/**
 * The account of somebody whom the operator's own issuer vouches for, made at their first coming. The rules are those of any provider: an
 * unproven address takes nobody's account.
 */
export class AdmitIdentity {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** Throws `SignInRefusal`. */
  async execute(project: ProjectRecord, provider: string, identity: ProvidedIdentity, caller: Caller): Promise<EndUser> {
    // The operator's issuer vouches: no app is asked.
    const approval = { email: parseEmailAddress(identity.email ?? '')?.normalised ?? '', appMetadata: null }
    const context = { now: this.clock.now(), caller, entropy: this.entropy, mayMail: false, approval }
    const resolved = await this.db.transaction(project.scope, (tx) => resolveIdentity(tx, project, provider, identity, context))
    if ('refused' in resolved) throw new SignInRefusal(resolved.refused)
    return resolved.user
  }
}
