import { hash as argon2Hash, verify as argon2Verify, type Algorithm } from '@node-rs/argon2'
import { AuthError } from '@portico/kernel/auth-error'
import { tracing } from '@portico/kernel/tracing'
import { HashQueue, type HashPlace, type HashQueueOptions, type HashQueueStats, type HashRequest } from './hash-queue.js'
import { normalisePassword } from './normalise-password.js'

export interface PasswordCheck {
  ok: boolean
  /** The password was right, but its hash has other parameters than today's: store a new one. */
  needsRehash: boolean
}

/** What computes; replaced in tests of the queue. */
export interface PasswordEngine {
  hash(password: string): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
}

const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
// OWASP's first argon2id choice. `Algorithm.Argon2id` is a const enum, which isolated modules cannot read.
const ARGON2ID = 2 as Algorithm
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: LANES, outputLen: 32 }
const CURRENT_PREFIX = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$`
// No password is known for it and none is looked for: it exists to be computed against. 16 bytes of salt, 32 of output, all zero.
const DUMMY_HASH = `${CURRENT_PREFIX}${'A'.repeat(22)}$${'A'.repeat(43)}`
const WRONG: PasswordCheck = { ok: false, needsRehash: false }

const argon2: PasswordEngine = {
  hash: (password) => argon2Hash(password, PARAMETERS),
  verify: (hash, password) => argon2Verify(hash, password),
}

export interface PasswordHasherOptions extends HashQueueOptions {
  engine?: PasswordEngine
  /** Throws when what follows the hash would be refused anyway: asked before it waits for a core, and before it takes one. */
  require?: () => void
  /** Told what hashes of a project took, in milliseconds. */
  onWorked?: (projectId: string, milliseconds: number) => void
}

/** argon2id behind the bounded, fair queue. */
export class PasswordHasher {
  readonly #queue: HashQueue
  readonly #engine: PasswordEngine
  readonly #onWorked: PasswordHasherOptions['onWorked']
  readonly #require: () => void

  constructor(options: PasswordHasherOptions = {}) {
    this.#queue = new HashQueue(options)
    this.#engine = options.engine ?? argon2
    this.#onWorked = options.onWorked
    this.#require = options.require ?? (() => undefined)
  }

  /** The PHC string of a password that passed `checkPassword`. Throws `overloaded`. */
  async hash(password: string, request: HashRequest): Promise<string> {
    const normalised = normalisePassword(password)
    if (!normalised.ok) throw new AuthError('weak_password')
    return this.#run(request, () => this.#engine.hash(normalised.text))
  }

  /** Throws `overloaded`, and a plain error when the stored hash is not a PHC string. */
  async verify(hash: string, password: string, request: HashRequest): Promise<PasswordCheck> {
    const normalised = normalisePassword(password)
    // What cannot be a password costs as much as a wrong one.
    if (!normalised.ok) return this.verifyAgainstDummy('', request)
    const ok = await this.#run(request, () => this.#engine.verify(hash, normalised.text))
    return ok ? { ok, needsRehash: !hash.startsWith(CURRENT_PREFIX) } : WRONG
  }

  /**
   * `verify` and, when that was right, the PHC string of the password that takes its place; `null` when it was wrong. Both in one turn: a
   * caller that waited for the first would wait as long again for the second, or be refused half way. Throws `overloaded`, and
   * `weak_password` when `next` cannot be a password.
   */
  async verifyThenHash(hash: string, password: string, next: string, request: HashRequest): Promise<string | null> {
    const [normalised, normalisedNext] = [normalisePassword(password), normalisePassword(next)]
    if (!normalisedNext.ok) throw new AuthError('weak_password')
    if (!normalised.ok) {
      await this.verifyAgainstDummy('', request)
      return null
    }
    return this.#run(request, async () =>
      (await this.#engine.verify(hash, normalised.text)) ? this.#engine.hash(normalisedNext.text) : null,
    )
  }

  /** What `verify` costs, for an address that has no account: never right. Keeps known and unknown addresses alike in time and load. */
  async verifyAgainstDummy(password: string, request: HashRequest): Promise<PasswordCheck> {
    const normalised = normalisePassword(password)
    await this.#run(request, () => this.#engine.verify(DUMMY_HASH, normalised.ok ? normalised.text : ''))
    return WRONG
  }

  /** See `HashQueue.hold`. */
  hold(request: HashRequest): HashPlace {
    this.#require()
    return this.#queue.hold(request)
  }

  /** The span is longer than the work by the wait for a core. */
  async #run<T>(request: HashRequest, work: () => Promise<T>): Promise<T> {
    this.#require()
    const traces = tracing()
    if (traces === null) return this.#inTurn(request, work)
    const begun = (): Promise<T> => {
      traces.note('a core is free', {})
      return work()
    }
    return traces.child('password hash', 'internal', {}, () => this.#inTurn(request, begun))
  }

  /** In its turn, and timed: not the waiting. */
  #inTurn<T>(request: HashRequest, work: () => Promise<T>): Promise<T> {
    const told = this.#onWorked
    return this.#queue.run(request, async () => {
      this.#require()
      const begun = performance.now()
      try {
        return await work()
      } finally {
        told?.(request.projectId, performance.now() - begun)
      }
    })
  }

  stats(): HashQueueStats {
    return this.#queue.stats()
  }
}
