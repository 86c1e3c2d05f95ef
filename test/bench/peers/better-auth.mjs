// Better Auth as its documentation sets it up: email and password, PostgreSQL, its own hashing. Limits and logging off, as everywhere here.
import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import pg from 'pg'

const options = {
  baseURL: `http://127.0.0.1:${process.env.PORT}`,
  secret: 'b'.repeat(64),
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20, options: '-c search_path=better_auth' }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  logger: { disabled: true },
  telemetry: { enabled: false },
  session: process.env.RENEW === '1' ? { updateAge: 0 } : {},
}
const { runMigrations } = await getMigrations(options)
await runMigrations()
const handler = toNodeHandler(betterAuth(options))
createServer((request, response) => void handler(request, response)).listen(Number(process.env.PORT), '127.0.0.1')
