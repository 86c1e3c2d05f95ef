// One-shot for production: `node scripts/migrate.mjs` with DATABASE_URL (the owner's), or DATABASE_DIRECT_URL beside
// a pooler, and PORTICO_MASTER_KEY. Runs on the built files.
// `--print-roles` prints SQL for whoever may make roles, where the owner may not (docs/high-availability.md); it connects to nothing.
// `--wait` goes on trying while the database cannot be reached, as after a power cut: what is refused ends it all the same.
// `--roles` makes the roles and nothing else: before a backup is restored (docs/backup-and-restore.md).
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { applyMigrations } from './apply-migrations.mjs'
import { ROOT, Stop, main } from './steps.mjs'

await main(async () => {
  const { EnvReader } = await import('../libs/config/dist/read-env.js')
  const { readShared } = await import('../libs/config/dist/shared-config.js')
  const reader = new EnvReader(process.env)
  const config = readShared(reader, process.env, { databasePoolSize: 2 })
  reader.finish()
  if (process.argv.includes('--print-roles')) {
    const { printRoles } = await import('../libs/database/dist/print-roles.js')
    const { deriveRolePassword } = await import('../libs/crypto/dist/role-password.js')
    const { usernameOf } = await import('../libs/kernel/dist/database-url.js')
    const rolePrefix = config.databaseRolePrefix
    const roles = ['data', 'control', 'worker'].map((service) => `${rolePrefix}_${service}`)
    const rolePasswords = Object.fromEntries(roles.map((role) => [role, deriveRolePassword(config.masterKey, role)]))
    const owner = usernameOf(config.directDatabaseUrl).split('.')[0]
    if (!owner) throw new Stop('DATABASE_URL names no owner: postgresql://owner@host/database')
    process.stdout.write(await printRoles({ prismaDir: join(ROOT, 'prisma'), rolePrefix, owner, rolePasswords }))
    return
  }
  if (process.argv.includes('--roles')) {
    const { createRoles } = await import('../libs/database/dist/migrate.js')
    await createRoles({ url: config.directDatabaseUrl, prismaDir: join(ROOT, 'prisma'), rolePrefix: config.databaseRolePrefix }).catch(
      (error) => {
        throw new Stop(`The roles could not be made: ${error.message || error.code}`, { cause: error })
      },
    )
    console.log('the roles are there')
    return
  }
  const migrations = () =>
    applyMigrations({
      url: config.directDatabaseUrl,
      rolePrefix: config.databaseRolePrefix,
      masterKey: config.masterKey.toString('base64'),
      previousMasterKey: config.previousMasterKey?.toString('base64'),
    })
  const { applied, replaced, dropped, unknown } = await (process.argv.includes('--wait') ? whileAway(migrations) : migrations())
  for (const name of applied) console.log(`applied ${name}`)
  for (const name of replaced) console.log(`function ${name}`)
  for (const name of dropped) console.log(`dropped function ${name}`)
  if (applied.length + replaced.length + dropped.length === 0) console.log('nothing to apply')
  if (unknown.length > 0) console.warn(`The database is ahead of this release, and its functions were left alone: ${unknown.join(', ')}`)
})

/** Again and again while the database is away; says why, once for each reason. */
async function whileAway(work) {
  const { connectionProblem, mayComeBack } = await import('../libs/database/dist/connection-problem.js')
  for (let told = null; ; ) {
    try {
      return await work()
    } catch (error) {
      if (!mayComeBack(error)) throw error
      const why = connectionProblem(error) ?? 'the connection broke'
      if (why !== told) console.error(`waiting for the database: ${why}`)
      told = why
      await sleep(2000)
    }
  }
}
