import { SealedBox, SealedBoxError, type MasterKeys, type SealContext } from './sealed-box.js'

const CONTEXT: SealContext = { projectId: 'installation', purpose: 'master_key_canary', id: 'canary' }
const PLAINTEXT = 'portico'

export class WrongMasterKeyError extends Error {
  constructor() {
    super(
      'PORTICO_MASTER_KEY is not the key of this database: what is stored there was sealed under another one. Set the key that the installation was made with; ' +
        'while keys are rotated set both, the other one as PORTICO_MASTER_KEY_PREVIOUS (docs/deploy.md).',
    )
    this.name = 'WrongMasterKeyError'
  }
}

/** One sealed value of the installation that tells whether the master key at hand is the right one. */
export class MasterKeyCanary {
  readonly #box: SealedBox

  constructor(keys: MasterKeys) {
    this.#box = new SealedBox(keys)
  }

  seal(): Buffer {
    return this.#box.seal(PLAINTEXT, CONTEXT)
  }

  /** Which of the two keys it is sealed under. Throws `WrongMasterKeyError` when it is neither. */
  sealedUnder(canary: Buffer): keyof MasterKeys {
    try {
      this.#box.open(canary, CONTEXT)
      return this.#box.needsReseal(canary) ? 'previous' : 'current'
    } catch (error) {
      if (error instanceof SealedBoxError) throw new WrongMasterKeyError()
      throw error
    }
  }

  /** Whether the canary opens. */
  opens(canary: Buffer): boolean {
    try {
      this.sealedUnder(canary)
      return true
    } catch (error) {
      if (error instanceof WrongMasterKeyError) return false
      throw error
    }
  }
}
