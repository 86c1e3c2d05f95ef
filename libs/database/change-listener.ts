import { LateListenerClient } from '@portico/postgres/late-listener-client'
import { isPasswordRefused } from '@portico/postgres/role-passwords'
import pg from 'pg'
import type { RoleConnection } from './role-connection.js'

export interface ChangeListenerOptions extends RoleConnection {
  applicationName: string
  /** One handler per channel; gets the payload. */
  channels: Record<string, (payload: string) => void>
  /** The channel was (re)opened: announcements may have been missed, so caches must be cleared. */
  onOpen: () => void
  onError?: (error: Error) => void
}

const RETRY_MS = [100, 250, 500, 1_000, 2_000]
const PING_MS = 2_000
const PING_TIMEOUT_MS = 2_000

/** LISTEN on a connection of its own, reopened for as long as the process lives. A dead channel is noticed by a ping every 2 s. */
export class ChangeListener {
  #client: pg.Client | null = null
  #stopped = false
  #failures = 0
  #timer: NodeJS.Timeout | null = null
  #heardAt = -Infinity

  constructor(private readonly options: ChangeListenerOptions) {}

  /** Resolves after the first attempt, successful or not. */
  async start(): Promise<void> {
    await this.#open()
  }

  get listening(): boolean {
    return this.#client !== null
  }

  /** `performance.now()` of the last moment by which every announcement before it had arrived; `-Infinity` before there was one. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** Whether the channel is open and answered within the last `ms` milliseconds; pings come every 2 s. */
  heardWithin(ms: number): boolean {
    return this.#client !== null && performance.now() - this.#heardAt < ms
  }

  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#client?.end().catch(() => undefined)
    this.#client = null
  }

  async #open(): Promise<void> {
    const { passwords } = this.options
    const tried = passwords?.current
    const client = new LateListenerClient({
      connectionString: this.options.connectionString,
      passwords,
      application_name: this.options.applicationName,
      connectionTimeoutMillis: 2_000,
      query_timeout: PING_TIMEOUT_MS,
      keepAlive: true,
    })
    client.on('error', (error) => this.#lost(client, error))
    client.on('end', () => this.#lost(client, null))
    client.on('notification', (message) => this.options.channels[message.channel]?.(message.payload ?? ''))
    try {
      await client.connect()
      for (const channel of Object.keys(this.options.channels)) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    } catch (error) {
      this.#discard(client)
      if (tried !== undefined && isPasswordRefused(error)) passwords?.refused(tried)
      this.options.onError?.(error as Error)
      this.#later()
      return
    }
    if (this.#stopped) {
      this.#discard(client)
      return
    }
    this.#client = client
    this.#failures = 0
    this.#heardAt = performance.now()
    this.options.onOpen()
    this.#schedulePing(client)
  }

  #schedulePing(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      client.query('select 1').then(
        () => {
          if (this.#client !== client || this.#stopped) return
          this.#heardAt = performance.now()
          this.#schedulePing(client)
        },
        (error: Error) => this.#lost(client, error),
      )
    }, PING_MS)
    this.#timer.unref()
  }

  #lost(client: pg.Client, error: Error | null): void {
    if (this.#client !== client) return
    this.#client = null
    this.#discard(client)
    if (error) this.options.onError?.(error)
    if (!this.#stopped) this.#later()
  }

  #discard(client: pg.Client): void {
    client.removeAllListeners('end')
    client.on('error', () => undefined)
    client.end().catch(() => undefined)
  }

  #later(): void {
    if (this.#stopped) return
    const wait = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]!
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#open(), wait)
    this.#timer.unref()
  }
}
