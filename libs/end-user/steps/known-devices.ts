import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { genuineDevices, hasShown, nextDeviceToken, type Device } from '../abuse/device-token.js'
import type { ProjectKeys } from '../project/project-keys.js'
import { findCredential, type Credential } from '../records/end-user-search.store.js'

/** Devices that have shown the password of an account before. */
export class KnownDevices {
  constructor(
    private readonly db: ProjectDb,
    private readonly keys: ProjectKeys,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /**
   * The device of this account, with the account as it was read to tell. What is not genuine costs no look at the database, so that made-up
   * tokens are no way round the limits.
   */
  async find(
    project: ProjectRecord,
    address: string,
    held: string | undefined,
  ): Promise<{ device: Device; credential: Credential } | null> {
    if (held === undefined) return null
    const key = this.keys.deviceKey(project)
    const devices = genuineDevices({ key, address }, held, this.clock.now())
    if (devices.length === 0) return null
    const credential = await findCredential(this.db, project, address)
    const hash = credential?.passwordHash ?? null
    if (!credential || hash === null) return null
    const device = devices.find((each) => hasShown({ key }, each, hash))
    return device ? { device, credential } : null
  }

  /** After the right password: what the device is to send from now on; `undefined`: what it has is good. */
  next(
    project: ProjectRecord,
    shown: { address: string; passwordHash: string; held?: string | undefined; device?: Device | null },
  ): string | undefined {
    const owner = { key: this.keys.deviceKey(project), address: shown.address }
    const given = { held: shown.held, known: shown.device ?? null, passwordHash: shown.passwordHash }
    return nextDeviceToken(owner, { ...given, now: this.clock.now(), entropy: this.entropy }) ?? undefined
  }
}
