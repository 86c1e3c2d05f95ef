import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import type { Owners } from './owners.js'
import { saveConsole, type ConsoleAccessMode } from '../records/console.store.js'
import type { ConsoleAccess } from './console-access.js'

export interface AccessRules {
  production: boolean
  acceptOpenRisk: boolean
  /** Whether an outside issuer is configured, and whether it can say who administers. */
  oidc: { administrators: boolean } | null
  localLogin: boolean
}

/** How the console is opened from now on. Never so that nobody could open it again. */
export class ChooseAccess {
  constructor(
    private readonly db: PlatformDb,
    private readonly access: ConsoleAccess,
    private readonly owners: Owners,
    private readonly rules: AccessRules,
    private readonly clock: Clock,
  ) {}

  async execute(caller: Caller, mode: ConsoleAccessMode): Promise<void> {
    if (this.access.isConfigured)
      throw new AuthError('conflict', { message: 'PORTICO_CONSOLE_ACCESS says how the console is opened: change it there.' })
    await this.check(mode)
    await saveConsole(this.db, { tenantId: caller.tenantId, access: mode, by: caller }, this.clock.now())
    this.access.forget()
  }

  /** Throws `console_lockout` for a mode in which no owner could sign in, and `conflict` for one that is not allowed or not set up here. */
  async check(mode: ConsoleAccessMode): Promise<void> {
    const { production, acceptOpenRisk, oidc, localLogin } = this.rules
    if (mode === 'open' && production && !acceptOpenRisk)
      throw new AuthError('conflict', { message: 'Production is not opened without sign-in: see PORTICO_CONSOLE_OPEN_ACCEPT_RISK.' })
    if (mode === 'password' && !(await this.owners.canSignIn({ breakGlassAlone: false }))) throw new AuthError('console_lockout')
    if (mode !== 'oidc') return
    if (oidc === null)
      throw new AuthError('conflict', { message: 'No issuer is configured: set PORTICO_CONSOLE_OIDC_ISSUER and its client.' })
    const comesInside = oidc.administrators || (localLogin && (await this.owners.canSignIn({ breakGlassAlone: true })))
    if (!comesInside) throw new AuthError('console_lockout')
  }
}
