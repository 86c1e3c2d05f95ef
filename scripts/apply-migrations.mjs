import { join } from 'node:path'
import { ROOT, Stop } from './steps.mjs'

/**
 * Applies the migrations that are missing and the functions that changed, and sets the passwords of the three service roles. Keys are
 * base64.
 */
export async function applyMigrations({ url, masterKey, previousMasterKey = '', rolePrefix = 'portico' }) {
  const { migrate } = await import('../libs/database/dist/migrate.js')
  const { MasterKeyCanary } = await import('../libs/crypto/dist/master-key-canary.js')
  const { deriveRolePassword } = await import('../libs/crypto/dist/role-password.js')
  const keys = { current: Buffer.from(masterKey, 'base64'), previous: previousMasterKey ? Buffer.from(previousMasterKey, 'base64') : undefined }
  const roles = ['data', 'control', 'worker'].map((service) => `${rolePrefix}_${service}`)
  try {
    return await migrate({
      url,
      prismaDir: join(ROOT, 'prisma'),
      rolePrefix,
      canary: new MasterKeyCanary(keys),
      rolePasswords: (inUse) => Object.fromEntries(roles.map((role) => [role, deriveRolePassword(keys[inUse], role)])),
    })
  } catch (error) {
    // An unreachable server is an AggregateError without a message of its own.
    throw new Stop(`The migrations could not be applied: ${error.message || error.code}`, { cause: error })
  }
}
