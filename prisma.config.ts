import { defineConfig } from 'prisma/config'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // Only `prisma migrate deploy` needs it; `generate` does not connect.
  datasource: { url: process.env['DATABASE_URL'] ?? '' },
})
