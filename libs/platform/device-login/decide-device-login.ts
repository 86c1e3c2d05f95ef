import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { ALL_PERMISSIONS, scopeOf } from '@portico/kernel/permissions'
import { DEMO_VISITOR, type Caller } from '../caller.js'
import { decideDeviceLogin, findDeviceLoginByCode, type DeviceLoginRow } from '../records/device-login.store.js'
import { readUserCode } from './user-code.js'

/** The person at the console looks at who asks, and decides (RFC 8628, 3.3). A key decides nothing: it would let another one in. */
export class DecideDeviceLogin {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
  ) {}

  /** Throws `not_found` for a code that is none, was decided on, or is over: all alike. */
  async read(caller: Caller, typed: string): Promise<DeviceLoginRow> {
    // A visitor of mode `token` is nobody yet, and sees counts alone; one of the demo is nobody, and must not leave with a key.
    const { type, id } = caller.actor
    if (type !== 'platform_user' || id === DEMO_VISITOR || !caller.permissions.has('projects.read'))
      throw new AuthError('forbidden', { message: 'A person decides this, in the console.' })
    const code = readUserCode(typed)
    const login = code === null ? null : await findDeviceLoginByCode(this.db, code)
    if (!login || login.state !== 'pending' || login.expiresAt <= this.clock.now()) throw new AuthError('not_found')
    return login
  }

  /** What the person may do just now is what the key will be allowed. */
  async execute(caller: Caller, typed: string, state: 'approved' | 'denied'): Promise<DeviceLoginRow> {
    const login = await this.read(caller, typed)
    const scopes = ALL_PERMISSIONS.filter((permission) => caller.permissions.has(permission)).map(scopeOf)
    const decided = await decideDeviceLogin(this.db, login.id, {
      state,
      tenantId: caller.tenantId,
      decidedBy: caller.actor.id,
      scopes: state === 'approved' ? scopes : [],
      now: this.clock.now(),
    })
    if (!decided) throw new AuthError('not_found')
    return { ...login, state }
  }
}
