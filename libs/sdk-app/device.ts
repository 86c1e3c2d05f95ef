import type { AuthStorage } from './storage.js'

/**
 * What this device is known by when it sends a password, so that strangers who use up the attempts of an account do not lock its owner out.
 * Outlives the session. In cookie mode it is a cookie, and nothing is kept here.
 */
export class KnownDevice {
  constructor(
    private readonly storage: AuthStorage,
    private readonly key: string,
  ) {}

  async addTo<T extends object>(body: T): Promise<T> {
    const deviceToken = await this.storage.getItem(this.key)
    return deviceToken ? { deviceToken, ...body } : body
  }

  /** Also of an answer that asks for a second factor. */
  async keep(answer: object): Promise<void> {
    const { deviceToken } = answer as { deviceToken?: string }
    if (deviceToken !== undefined) await this.storage.setItem(this.key, deviceToken)
  }
}
