import { systemEntropy } from '@portico/kernel/entropy'
import { withCredentials } from '@portico/kernel/database-url'
import { connectToOne } from '@portico/postgres/connect-to-one'
import { isPasswordRefused } from '@portico/postgres/role-passwords'
import { Client } from 'pg'

// What PostgreSQL itself takes.
const SCRAM_ITERATIONS = 4096

/**
 * Within the transaction of the caller; tries again when another database of this server is being migrated. An owner who may change no role
 * is told whether somebody else has set it.
 */
export async function setPassword(client: Client, role: string, password: string, url: string): Promise<void> {
  const statement = `alter role ${client.escapeIdentifier(role)} login password ${client.escapeLiteral(await scramVerifier(password))}`
  for (let attempt = 1; ; attempt += 1) {
    await client.query('savepoint role_password')
    try {
      await client.query(statement)
      return
    } catch (error) {
      await client.query('rollback to savepoint role_password')
      if ((error as { code?: unknown }).code === '42501') return requirePassword(role, password, url)
      // Roles belong to the server, the lock above to one database: a migration of a neighbouring database can be in the way.
      const concurrent = /tuple concurrently updated/.test((error as Error).message)
      if (!concurrent || attempt === 5) throw new Error(`The password of role ${role} could not be set: ${(error as Error).message}`, { cause: error })
    }
  }
}

/** Logs in with it, through whatever the owner came by. */
async function requirePassword(role: string, password: string, url: string): Promise<void> {
  const connectionString = withCredentials(url, (given) => {
    const dot = given.indexOf('.')
    return { username: dot < 0 ? role : `${role}${given.slice(dot)}`, password }
  })
  try {
    const client = await connectToOne(connectionString, (each) => {
      const one = new Client({ connectionString: each, connectionTimeoutMillis: 10_000, application_name: 'portico-migrate' })
      one.on('error', () => {})
      return one
    })
    await client.end()
  } catch (error) {
    if (!isPasswordRefused(error)) throw error
    throw new Error(
      `The owner may not change role ${role} (no CREATEROLE), and its password is not the one of this master key: ` +
        'have `scripts/migrate.mjs --print-roles` run by whoever may (docs/high-availability.md).',
      { cause: error },
    )
  }
}

/** RFC 5803 form, as `pg_authid` stores it: with it the password itself never reaches the server's log or statistics. */
export async function scramVerifier(password: string): Promise<string> {
  const salt = systemEntropy.bytes(16)
  const key = await crypto.subtle.importKey('raw', Buffer.from(password), 'PBKDF2', false, ['deriveBits'])
  const salted = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: SCRAM_ITERATIONS }, key, 256)
  const saltedKey = await crypto.subtle.importKey('raw', salted, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const clientKey = await crypto.subtle.sign('HMAC', saltedKey, Buffer.from('Client Key'))
  const serverKey = await crypto.subtle.sign('HMAC', saltedKey, Buffer.from('Server Key'))
  const storedKey = await crypto.subtle.digest('SHA-256', clientKey)
  const base64 = (bytes: ArrayBuffer | Buffer) => Buffer.from(bytes as ArrayBuffer).toString('base64')
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${base64(salt)}$${base64(storedKey)}:${base64(serverKey)}`
}
