import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { ConsolePerson, From } from '../console/console-people.js'
import { systemCaller } from '../console/console-project.js'
import { changeMember, findMember, insertMember } from '../records/member.store.js'
import { homeTenantId } from '../records/tenant.store.js'
import type { Owners } from '../console/owners.js'

/**
 * Mode `oidc`: the groups of the issuer say the role, anew at every sign-in. A role that the team gave stays the team's word: somebody who
 * breaks the glass is no less an owner for having come through the issuer once.
 */
export class AdmitFromIssuer {
  constructor(
    private readonly db: PlatformDb,
    private readonly owners: Owners,
    /** Owner as long as there is none, by address. */
    private readonly initialOwnerEmail: string | null,
    private readonly clock: Clock,
    private readonly onChanged: () => void,
  ) {}

  /** Throws `forbidden` for somebody whom no group and nobody of the team lets in. */
  async execute(person: ConsolePerson, { role, vouched }: { role: string | null; vouched: boolean }, from: From): Promise<void> {
    const tenantId = await homeTenantId(this.db)
    if (tenantId === null) throw new AuthError('unavailable')
    const by = { ...systemCaller(tenantId), ...from }
    const now = this.clock.now()
    const first = vouched && (await this.#isInitialOwner(person))
    const member = await findMember(this.db, tenantId, person.id)
    if (!member) {
      const given = first ? 'owner' : role
      if (given === null) throw new AuthError('forbidden', { message: 'None of your groups may open this console.' })
      const source = first ? 'team' : 'oidc'
      await insertMember(this.db, by, { userId: person.id, role: given, breakGlass: false, source }, 'member.added', now)
      return
    }
    if (first && member.role !== 'owner')
      await changeMember(this.db, by, person.id, { role: 'owner', source: 'team' }, () => undefined, now)
    else if (member.source === 'oidc' && role === null) {
      await changeMember(this.db, by, person.id, null, () => undefined, now)
      this.onChanged()
      throw new AuthError('forbidden', { message: 'None of your groups may open this console.' })
    } else if (member.source === 'oidc' && role !== null && role !== member.role)
      await changeMember(this.db, by, person.id, { role }, () => undefined, now)
    this.onChanged()
  }

  async #isInitialOwner(person: ConsolePerson): Promise<boolean> {
    const wanted = this.initialOwnerEmail?.toLowerCase() ?? null
    return wanted !== null && person.email === wanted && !(await this.owners.exist())
  }
}
