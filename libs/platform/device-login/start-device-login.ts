import { digestToken } from '@portico/crypto/token-digest'
import type { PlatformDb } from '@portico/database/platform-db'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'
import { insertDeviceLogin } from '../records/device-login.store.js'
import { mintUserCode } from './user-code.js'

const LIFE_SECONDS = 600
/** RFC 8628, 3.2. */
const INTERVAL_SECONDS = 5

export interface StartedDeviceLogin {
  deviceCode: string
  userCode: string
  verificationUri: string
  expiresInSeconds: number
  intervalSeconds: number
}

/** A program without a session asks for one (RFC 8628, 3.1 and 3.2). */
export class StartDeviceLogin {
  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    private readonly publicUrl: string,
  ) {}

  async execute(asker: { clientName: string; ip: string | null; userAgent: string | null }): Promise<StartedDeviceLogin> {
    const now = this.clock.now()
    const deviceCode = this.entropy.bytes(32).toString('base64url')
    const userCode = mintUserCode(this.entropy)
    await insertDeviceLogin(
      this.db,
      {
        id: this.entropy.uuid(),
        deviceDigest: new Uint8Array(digestToken(deviceCode)),
        userCode,
        ...asker,
        intervalSeconds: INTERVAL_SECONDS,
        createdAt: now,
        expiresAt: addSeconds(now, LIFE_SECONDS),
      },
      now,
    )
    const verificationUri = `${this.publicUrl}/console/device`
    return { deviceCode, userCode, verificationUri, expiresInSeconds: LIFE_SECONDS, intervalSeconds: INTERVAL_SECONDS }
  }
}
