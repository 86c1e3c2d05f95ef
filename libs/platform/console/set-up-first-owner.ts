import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Owners } from './owners.js'
import { claimSetUp, offerSetUpCode, readConsole, saveConsole, type ConsoleAccessMode } from '../records/console.store.js'
import { upsertOwner } from '../records/member.store.js'
import { homeTenantId } from '../records/tenant.store.js'
import type { ConsoleAccess } from './console-access.js'
import type { ConsolePeople, ConsolePerson, From, NewOwner } from './console-people.js'
import { systemCaller } from './console-project.js'
import { digestOfSetUpCode, newSetUpCode } from './set-up-code.js'

/** The first owner: by a code that was printed where only the operator reads, or at a console that is open to this machine. */
export class SetUpFirstOwner {
  constructor(
    private readonly db: PlatformDb,
    private readonly people: ConsolePeople,
    private readonly owners: Owners,
    private readonly access: ConsoleAccess,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /** At a start: a new code, as long as there is no owner; `null`: none is needed. Those of the last starts stay good, for replicas. */
  async offer(): Promise<string | null> {
    if ((await this.access.mode()) !== 'password' || (await this.owners.exist())) return null
    const code = newSetUpCode(this.entropy)
    await offerSetUpCode(this.db, digestOfSetUpCode(code)!, this.clock.now())
    return code
  }

  /** Throws `invalid_code`, and `conflict` once there is an owner. Twenty at once make one owner: the code is spent in one statement. */
  async execute(owner: NewOwner & { code?: string | undefined }, from: From): Promise<ConsolePerson> {
    const mode = await this.access.mode()
    const now = this.clock.now()
    if (mode === 'open') return this.#atOpenConsole(owner, from, now)
    if (mode !== 'password') throw new AuthError('conflict', { message: 'The console is not opened with a password here.' })
    const digest = owner.code === undefined ? null : digestOfSetUpCode(owner.code)
    if (await this.owners.exist()) throw new AuthError('conflict', { message: 'There is an owner already.' })
    if (digest === null || !(await claimSetUp(this.db, digest, now))) throw new AuthError('invalid_code')
    try {
      return await this.#make(owner, from, now)
    } catch (error) {
      // A password that is too weak must not cost the code.
      await offerSetUpCode(this.db, digest, now)
      throw error
    }
  }

  /** Turns sign-in on: whoever is there is owner, and becomes one with a name. */
  async #atOpenConsole(owner: NewOwner, from: From, now: Date): Promise<ConsolePerson> {
    if (this.access.isConfigured)
      throw new AuthError('conflict', { message: 'PORTICO_CONSOLE_ACCESS says `open`: take it away to turn sign-in on here.' })
    const person = await this.#make(owner, from, now)
    const mode: ConsoleAccessMode = 'password'
    const row = await readConsole(this.db)
    if (row) await saveConsole(this.db, { tenantId: row.tenantId, access: mode, by: systemCaller(row.tenantId) }, now)
    this.access.forget()
    return person
  }

  async #make(owner: NewOwner, from: From, now: Date): Promise<ConsolePerson> {
    const tenantId = await homeTenantId(this.db)
    if (tenantId === null) throw invalidField('email', 'no_tenant', 'There is no tenant yet.')
    const by = { ...systemCaller(tenantId), ...from }
    const person = await this.people.setUp(owner, by)
    await upsertOwner(this.db, by, person.id, now)
    this.access.forget()
    return person
  }
}
