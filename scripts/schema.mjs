// `npm run schema`: writes prisma/schema.sql, what an empty database is after migrating it. On an embedded PostgreSQL that is gone afterwards.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { applyMigrations } from './apply-migrations.mjs'
import { schemaText } from './schema-text.mjs'
import { ROOT, main } from './steps.mjs'

await main(async () => {
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
      writeFileSync(join(ROOT, 'prisma', 'schema.sql'), text)
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})
