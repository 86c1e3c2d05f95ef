import { systemEntropy } from '@portico/kernel/entropy'
import type { Client } from 'pg'

// What PostgreSQL itself takes.
const SCRAM_ITERATIONS = 4096

/** Within the transaction of the caller; tries again when another database of this server is being migrated. */
export async function setPassword(client: Client, role: string, password: string): Promise<void> {
  const statement = `alter role ${client.escapeIdentifier(role)} login password ${client.escapeLiteral(await scramVerifier(password))}`
  for (let attempt = 1; ; attempt += 1) {
    await client.query('savepoint role_password')
    try {
      await client.query(statement)
      return
    } catch (error) {
      await client.query('rollback to savepoint role_password')
      // Roles belong to the server, the lock above to one database: a migration of a neighbouring database can be in the way.
      const concurrent = /tuple concurrently updated/.test((error as Error).message)
      if (!concurrent || attempt === 5) throw new Error(`The password of role ${role} could not be set: ${(error as Error).message}`, { cause: error })
    }
  }
}

/** RFC 5803 form, as `pg_authid` stores it: with it the password itself never reaches the server's log or statistics. */
async function scramVerifier(password: string): Promise<string> {
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
