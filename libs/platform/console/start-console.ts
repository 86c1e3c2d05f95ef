import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Owners } from './owners.js'
import { insertMember } from '../records/member.store.js'
import { homeTenantId } from '../records/tenant.store.js'
import type { ChooseAccess } from './choose-access.js'
import type { ConsoleAccess } from './console-access.js'
import type { ConsolePeople } from './console-people.js'
import { systemCaller, type ConsoleProject } from './console-project.js'
import type { SetUpFirstOwner } from './set-up-first-owner.js'

export interface StartedConsole {
  /** To be printed where only the operator reads; `null`: none is needed. */
  setUpCode: string | null
  /** Whether the initial owner of the configuration was invited now. */
  invited: boolean
}

/** What every start of a control plane does about the console. */
export class StartConsole {
  constructor(
    private readonly db: PlatformDb,
    private readonly project: ConsoleProject,
    private readonly people: ConsolePeople,
    private readonly owners: Owners,
    private readonly access: ConsoleAccess,
    private readonly chooseAccess: ChooseAccess,
    private readonly setUp: SetUpFirstOwner,
    private readonly initialOwnerEmail: string | null,
    private readonly clock: Clock,
  ) {}

  /** Throws `console_lockout` when the console is to be opened in a way in which nobody who administers it could come. */
  async execute(): Promise<StartedConsole> {
    await this.project.prepare()
    const mode = await this.access.mode()
    if (mode === 'oidc' && this.initialOwnerEmail === null) await this.chooseAccess.check('oidc')
    // Without an owner there is a set-up code; one who was invited is on the way.
    if (mode === 'password' && this.access.isConfigured && (await this.owners.exist()) && !(await this.owners.areComing()))
      await this.chooseAccess.check('password')
    const invited = mode === 'password' && this.initialOwnerEmail !== null && (await this.#inviteOwner(this.initialOwnerEmail))
    return { setUpCode: await this.setUp.offer(), invited }
  }

  /** Only while there is no owner; whoever has an account keeps what they have. */
  async #inviteOwner(email: string): Promise<boolean> {
    const tenantId = await homeTenantId(this.db)
    if (tenantId === null || (await this.owners.exist())) return false
    const by = systemCaller(tenantId)
    const { person } = await this.people.invite(email, by).catch((error: unknown) => {
      throw error instanceof AuthError
        ? new Error('PORTICO_INITIAL_OWNER_EMAIL is no address that can be invited', { cause: error })
        : error
    })
    const member = { userId: person.id, role: 'owner', breakGlass: true, source: 'team' } as const
    return (await insertMember(this.db, by, member, 'member.invited', this.clock.now())) !== null
  }
}
