import { connectToOne } from './connect-to-one.js'
import { LateListenerClient } from './late-listener-client.js'
import type { RolePasswords } from './role-passwords.js'

/** A pooler that shares sessions out by the transaction and forgets the statements that were prepared in them. */
export class UnusablePoolerError extends Error {
  constructor() {
    super(
      'The pooler in front of PostgreSQL gives each transaction another session and does not carry prepared statements along: pgbouncer ' +
        'before 1.21, or with max_prepared_statements = 0. Use pgbouncer 1.21 or newer with max_prepared_statements = 200, its session ' +
        'mode, or connect to PostgreSQL itself.',
    )
    this.name = 'UnusablePoolerError'
  }
}

const WAIT_MS = 1_500
// The name is prepared there already (another client's), or is not prepared (this client's own).
const FORGOTTEN = new Set(['42P05', '26000'])

/**
 * Whether there is a pooler, found by trying. Throws `UnusablePoolerError` for one that cannot work, and what the connection throws when
 * the server is away. Without this check logins fail now and then, under load first.
 */
export async function tryPooler(connection: {
  connectionString: string
  passwords?: RolePasswords | undefined
}): Promise<'direct' | 'pooled'> {
  const open = (url: string) =>
    new LateListenerClient({
      ...connection,
      connectionString: url,
      connectionTimeoutMillis: WAIT_MS,
      query_timeout: WAIT_MS,
      application_name: 'portico-start',
    })
  let at = ''
  const one = await connectToOne(connection.connectionString, (url) => open((at = url)))
  const other = open(at)
  let reached = false
  try {
    const { rows } = await one.query<{ pid: number }>('select pg_backend_pid() as pid')
    reached = true
    // A pooler tells a number of its own at the start, for cancelling.
    if (rows[0]?.pid === (one as unknown as { processID: number }).processID) return 'direct'
    // Under a name that nobody has used in a session that is shared.
    const statement = { name: `portico_${process.hrtime.bigint()}`, text: 'select 1', values: [] }
    await one.query(statement)
    await other.connect()
    // Holds a session for as long as the transaction lasts: the first one's, where sessions are shared out, so that it needs another.
    await other.query('begin')
    await other.query(statement)
    await one.query(statement)
    return 'pooled'
  } catch (error) {
    if (FORGOTTEN.has(String((error as { code?: unknown }).code))) throw new UnusablePoolerError()
    // A pooler with a single session makes the other client wait: nothing is forgotten there.
    if (reached && /timeout/i.test((error as Error).message)) return 'pooled'
    throw error
  } finally {
    await Promise.all([one, other].map((client) => client.end().catch(() => undefined)))
  }
}
