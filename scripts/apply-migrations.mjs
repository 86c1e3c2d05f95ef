import { join } from 'node:path'
import { ROOT, Stop } from './steps.mjs'

/** Applies the migrations that are missing and the functions that changed, and sets the passwords of the three service roles. `masterKey` is base64. */
export async function applyMigrations({ url, masterKey }) {
  const { migrate } = await import('../libs/database/dist/migrate.js')
  const { deriveRolePassword } = await import('../libs/crypto/dist/role-password.js')
  const key = Buffer.from(masterKey, 'base64')
  const roles = ['portico_data', 'portico_control', 'portico_worker']
  try {
    return await migrate({
      url,
      prismaDir: join(ROOT, 'prisma'),
      rolePasswords: Object.fromEntries(roles.map((role) => [role, deriveRolePassword(key, role)])),
    })
  } catch (error) {
    // An unreachable server is an AggregateError without a message of its own.
    throw new Stop(`The migrations could not be applied: ${error.message || error.code}`, { cause: error })
  }
}
