import pg from 'pg'
import type { RolePasswords } from './role-passwords.js'

export interface LateListenerConfig extends pg.ClientConfig {
  /** When the role may have several; then the one in the connection string is not used. */
  passwords?: RolePasswords | undefined
}

/**
 * A connection whose errors never end the process. An `error` event without a listener ends Node, `pg` emits it at once, and those who
 * take a client listen late or not at all: a pool listens to idle clients only, Prisma and BullMQ add their listener a moment after they
 * were given the client. A server that shuts down or ends a session can send «ready» and «terminated» in one packet, before any of them.
 *
 * So a listener is always attached here, and the other listeners are told when the caller that waited for an answer of the client has gone
 * on. Queries on the lost connection fail as ever.
 */
export class LateListenerClient extends pg.Client {
  constructor(config?: string | LateListenerConfig) {
    super(config)
    const passwords = typeof config === 'object' ? config.passwords : undefined
    // By assignment: a connection string goes before the option.
    if (passwords) Object.assign(this, { password: () => passwords.current })
    this.on('error', () => undefined)
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'error') return super.emit(event, ...values)
    setImmediate(() => super.emit(event, ...values))
    return true
  }
}
