import pg from 'pg'

/**
 * A connection for a library that starts to listen for errors late. BullMQ takes a client and adds its listener a moment afterwards, or, for a
 * single query of its start, never; `pg` emits at once, and an error event that nobody listens to ends the process. A server that shuts down or
 * ends a session can send «ready» and «terminated» in one packet, which is before any of those listeners.
 *
 * So somebody always listens here, and the others are told when whoever waited for an answer of the client has gone on. Queries fail as ever.
 */
export class PatientClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on('error', () => undefined)
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'error') return super.emit(event, ...values)
    setImmediate(() => super.emit(event, ...values))
    return true
  }
}
