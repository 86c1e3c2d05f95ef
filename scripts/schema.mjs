// `npm run schema`: writes prisma/schema.sql, what an empty database is after migrating it. On an embedded PostgreSQL that is gone
// afterwards.
// `npm run typecheck` calls it with --check: then it fails when the file was old, after renewing it. Does nothing unless something changed.
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { applyMigrations } from './apply-migrations.mjs'
import { schemaText } from './schema-text.mjs'
import { ROOT, Stop, main } from './steps.mjs'

const FILE = join(ROOT, 'prisma', 'schema.sql')
const STAMP = join(ROOT, 'node_modules', '.cache', 'portico-schema')

/** Over everything that the file comes from, and the file. */
function digest() {
  const hash = createHash('sha256').update(readFileSync(new URL('schema-text.mjs', import.meta.url)))
  for (const path of readdirSync(join(ROOT, 'prisma'), { recursive: true }).toSorted()) {
    if (path.endsWith('.sql')) hash.update(path).update(readFileSync(join(ROOT, 'prisma', path)))
  }
  return hash.digest('hex')
}

await main(async () => {
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest()) return
  let old = true
  const { startEmbeddedPostgres } = await import('../tools/dev-database/dist/embedded-postgres.js')
  const dataDir = mkdtempSync(join(tmpdir(), 'portico-schema-'))
  // As root PostgreSQL runs as another account.
  chmodSync(dataDir, 0o711)
  try {
    const server = await startEmbeddedPostgres({ dataDir, fsync: false })
    try {
      await applyMigrations({ url: server.url, masterKey: Buffer.alloc(32).toString('base64') })
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      const text = await schemaText(client).finally(() => client.end())
      if (existsSync(FILE) && readFileSync(FILE, 'utf8') === text) old = false
      else writeFileSync(FILE, text)
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
  mkdirSync(dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, digest())
  if (old && process.argv.includes('--check'))
    throw new Stop('prisma/schema.sql was older than migrations and functions. It is renewed: read the difference, commit it.')
})
