import { digestToken } from '@portico/crypto/token-digest'
import type { PlatformDb } from '@portico/database/platform-db'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import { isUuid } from '@portico/kernel/ids'
import { permissionOfScope } from '@portico/kernel/permissions'
import type { CreateApiKey } from '../api-keys/create-api-key.js'
import type { ApiKeyRow } from '../records/api-key.store.js'
import { findDeviceLoginByDevice, noteDevicePoll, spendDeviceLogin, type DeviceLoginRow } from '../records/device-login.store.js'

/** A key that is left behind on a machine ends by itself. */
const KEY_DAYS = 90
/** RFC 8628, 3.5: what an impatient program has to wait longer, each time. */
const SLOWER_SECONDS = 5
const LONGEST_INTERVAL_SECONDS = 60

/** The program asks whether it was let in (RFC 8628, 3.4 and 3.5), and is given a key of its own, once. */
export class RedeemDeviceLogin {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly createApiKey: CreateApiKey,
  ) {}

  async execute(deviceCode: string, from: { ip: string | null; userAgent: string | null }): Promise<{ row: ApiKeyRow; key: string }> {
    const now = this.clock.now()
    const login = await findDeviceLoginByDevice(this.db, new Uint8Array(digestToken(deviceCode)))
    if (!login || login.expiresAt <= now || login.state === 'redeemed') throw new AuthError('expired_token')
    if (login.state === 'denied') throw new AuthError('access_denied')
    await this.#refuseHaste(login, now)
    if (login.state === 'pending' || login.tenantId === null) throw new AuthError('authorization_pending')
    if (!(await spendDeviceLogin(this.db, login.id, now))) throw new AuthError('expired_token')
    const permissions = new Set(login.scopes.map(permissionOfScope).filter((permission) => permission !== null))
    const caller = {
      tenantId: login.tenantId,
      actor: { type: 'platform_user', id: login.decidedBy ?? '' } as const,
      permissions,
      projects: null,
      ...from,
    }
    return this.createApiKey.execute(caller, {
      name: login.clientName,
      scopes: login.scopes,
      // Nobody in particular is at a console that asks for no name.
      userId: login.decidedBy !== null && isUuid(login.decidedBy) ? login.decidedBy : null,
      expiresAt: addSeconds(now, KEY_DAYS * DAY_SECONDS),
    })
  }

  async #refuseHaste(login: DeviceLoginRow, now: Date): Promise<void> {
    const early = login.polledAt !== null && addSeconds(login.polledAt, login.intervalSeconds) > now
    const interval = Math.min(login.intervalSeconds + (early ? SLOWER_SECONDS : 0), LONGEST_INTERVAL_SECONDS)
    await noteDevicePoll(this.db, login.id, now, interval)
    if (early) throw new AuthError('slow_down', { message: `Ask again after ${interval} seconds.` })
  }
}
