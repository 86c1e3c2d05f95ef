import { availableParallelism } from 'node:os'
import { AuthError } from '@portico/kernel/auth-error'

/** Whose turn it is counted as, how to give up waiting, and the place that was held for it. */
export interface HashRequest {
  projectId: string
  signal?: AbortSignal | undefined
  place?: HashPlace | undefined
}

/**
 * A place in the queue, held for somebody who is not there yet. It ends with the first hash that is asked for with it, or when it is
 * released.
 */
export interface HashPlace {
  /** True when it still was held. */
  release(): boolean
}

export interface HashQueueStats {
  inFlight: number
  waiting: number
  /** Places of callers who do something else first. */
  held: number
  /** Moving average, in milliseconds. */
  meanHashMs: number
  /** Refused or pushed out since the start; callers who gave up are not counted. */
  refused: number
}

export interface HashQueueOptions {
  /** Hashes computed at a time; by default the number of cores, less when the thread pool is smaller. */
  maxInFlight?: number
  /** Processes that hash on the same cores (1): each takes its part of them, at least one. */
  sharers?: number
  /** libuv's UV_THREADPOOL_SIZE (4 when unset). One thread is always left to file, DNS and WebCrypto work. */
  threadPoolSize?: number
  /** How much work may wait, in milliseconds of waiting for the last in the queue (2,000). */
  maxWaitMs?: number
  /** So many may wait however slow hashing is at the moment (100). */
  minRoom?: number
  /** The part of the queue, 0 to 1, that one project may fill. */
  perProjectShare?: number
  /** Monotonic milliseconds. */
  monotonicNow?: () => number
}

interface Job {
  projectId: string
  queuedAt: number
  run: () => Promise<void>
  refuse: (cause?: unknown) => void
  stopListening: () => void
}

const DEFAULT_THREAD_POOL_SIZE = 4
const START_MEAN_MS = 12
const MEAN_WEIGHT = 0.1
const MAX_QUEUE_LENGTH = 5_000
const MAX_WAIT_MS = 2_000
// Three quarters of it hold 64 callers of one project. Without a floor a slow moment feeds itself: the mean rises, callers are refused,
// come back at once, and their refusals take the time that the hashes need.
const MIN_ROOM = 100
/**
 * What waited longer is refused (promise P6: the stated limit for a password): MIN_ROOM hashes take this long on a machine four times as
 * slow as ours.
 */
const LATE_MS = 5_000

/**
 * The bounded, fair queue in front of the password hash.
 *
 * More hashes at a time than cores is slower, not faster (each streams 19 MiB through memory), so the rest waits. Projects take turns.
 * When about two seconds of work wait, more is refused with `overloaded` at once; a project with less in the queue than the fullest then
 * pushes out the newest of that one instead, so that one project's storm costs the others neither time nor errors.
 */
export class HashQueue {
  readonly #maxInFlight: number
  readonly #maxWaitMs: number
  readonly #lateMs: number
  readonly #minRoom: number
  readonly #perProjectShare: number
  readonly #now: () => number
  /** Waiting jobs by project. The order of the keys is the order of turns. */
  readonly #queues = new Map<string, Job[]>()
  #waiting = 0
  /** Held places by project, and all of them. */
  readonly #held = new Map<string, number>()
  #heldInAll = 0
  #inFlight = 0
  #refused = 0
  #meanHashMs = START_MEAN_MS

  constructor(options: HashQueueOptions = {}) {
    const threads = Math.max(1, (options.threadPoolSize ?? DEFAULT_THREAD_POOL_SIZE) - 1)
    const cores = Math.max(1, Math.floor(availableParallelism() / (options.sharers ?? 1)))
    this.#maxInFlight = options.maxInFlight ?? Math.min(cores, threads)
    this.#maxWaitMs = options.maxWaitMs ?? MAX_WAIT_MS
    this.#lateMs = Math.max(LATE_MS, 2 * this.#maxWaitMs)
    this.#minRoom = options.minRoom ?? MIN_ROOM
    this.#perProjectShare = options.perProjectShare ?? 0.75
    this.#now = options.monotonicNow ?? (() => performance.now())
  }

  /**
   * Holds a place for a caller who makes round trips before the hash: a wave is refused at the door, and does not spend connections, or
   * attempts of the account, on what ends in a refusal. Throws `overloaded`. Hand it to `hash` or `verify`; release it when it does not
   * come to that.
   */
  hold({ projectId }: HashRequest): HashPlace {
    const place = this.#placeFor(projectId)
    if (place === null) {
      this.#refused += 1
      throw this.#overloaded()
    }
    if (place !== 'free') this.#pushOut(place)
    this.#count(projectId, 1)
    let held = true
    return {
      release: () => {
        if (!held) return false
        held = false
        this.#count(projectId, -1)
        return true
      },
    }
  }

  stats(): HashQueueStats {
    return { inFlight: this.#inFlight, waiting: this.#waiting, held: this.#heldInAll, meanHashMs: this.#meanHashMs, refused: this.#refused }
  }

  /** Runs `work` when it is the project's turn. Throws `overloaded`. */
  run<T>({ projectId, signal, place: held }: HashRequest, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const refuse = (cause?: unknown): void => {
        if (!signal?.aborted) this.#refused += 1
        reject(this.#overloaded(cause))
      }
      const promised = held?.release() === true
      if (signal?.aborted) return refuse(signal.reason)
      const run = async (): Promise<void> => {
        try {
          resolve(await work())
        } catch (error) {
          reject(error)
        }
      }
      const onAbort = (): void => {
        if (this.#remove(job)) refuse(signal?.reason)
      }
      const job: Job = { projectId, queuedAt: this.#now(), run, refuse, stopListening: () => signal?.removeEventListener('abort', onAbort) }
      const place = promised ? 'free' : this.#placeFor(projectId)
      if (place === null) return refuse()
      if (place !== 'free') this.#pushOut(place)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#add(job)
      this.#startNext()
    })
  }

  #overloaded(cause?: unknown): AuthError {
    return new AuthError('overloaded', { cause, retryAfterSeconds: Math.max(1, Math.ceil(this.#maxWaitMs / 1000)) })
  }

  /** Where one more job of the project may go: a free place, that of the newest job of the fullest project, or none. */
  #placeFor(projectId: string): 'free' | Job | null {
    if (this.#inFlight + this.#heldInAll < this.#maxInFlight) return 'free'
    const room = this.#room()
    const own = (this.#queues.get(projectId)?.length ?? 0) + (this.#held.get(projectId) ?? 0)
    if (own >= Math.max(1, Math.floor(room * this.#perProjectShare))) return null
    if (this.#waiting + this.#heldInAll < room) return 'free'
    let fullest: Job[] = []
    for (const queue of this.#queues.values()) if (queue.length > fullest.length) fullest = queue
    const newest = fullest.at(-1)
    return newest && fullest.length > own + 1 ? newest : null
  }

  #pushOut(job: Job): void {
    this.#remove(job)
    job.refuse()
  }

  /** How many jobs make `maxWaitMs` of waiting at today's speed, within the bounds. */
  #room(): number {
    const jobs = Math.floor((this.#maxWaitMs * this.#maxInFlight) / this.#meanHashMs)
    return Math.min(MAX_QUEUE_LENGTH, Math.max(this.#maxInFlight, this.#minRoom, jobs))
  }

  #count(projectId: string, difference: 1 | -1): void {
    const held = (this.#held.get(projectId) ?? 0) + difference
    if (held > 0) this.#held.set(projectId, held)
    else this.#held.delete(projectId)
    this.#heldInAll += difference
  }

  #add(job: Job): void {
    const queue = this.#queues.get(job.projectId)
    if (queue) queue.push(job)
    else this.#queues.set(job.projectId, [job])
    this.#waiting += 1
  }

  #remove(job: Job): boolean {
    const queue = this.#queues.get(job.projectId)
    const index = queue?.indexOf(job) ?? -1
    if (!queue || index < 0) return false
    queue.splice(index, 1)
    if (queue.length === 0) this.#queues.delete(job.projectId)
    this.#waiting -= 1
    job.stopListening()
    return true
  }

  /** The oldest job of the project whose turn it is; that project then goes to the end of the line. */
  #takeNext(): Job | null {
    for (const [projectId, queue] of this.#queues) {
      const job = queue[0]
      if (!job) continue
      this.#remove(job)
      if (queue.length > 0) {
        this.#queues.delete(projectId)
        this.#queues.set(projectId, queue)
      }
      return job
    }
    return null
  }

  #startNext(): void {
    while (this.#inFlight < this.#maxInFlight) {
      const job = this.#takeNext()
      if (!job) return
      // Hashing got slower, or others had their turns, since it was let in: the caller has most likely given up.
      if (this.#now() - job.queuedAt > this.#lateMs) job.refuse()
      else void this.#start(job)
    }
  }

  async #start(job: Job): Promise<void> {
    this.#inFlight += 1
    const startedAt = this.#now()
    await job.run()
    this.#meanHashMs += MEAN_WEIGHT * (this.#now() - startedAt - this.#meanHashMs)
    this.#inFlight -= 1
    this.#startNext()
  }
}
