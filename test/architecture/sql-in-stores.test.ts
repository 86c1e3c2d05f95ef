import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname

/** A text that a database would run, at the start of a string; or a call of the Prisma client. */
const SQL = /[`'"]\s*(?:select\s|insert\s+into\s|update\s+\w+\.\w+\s|delete\s+from\s|with\s+\w+\s+as\s|begin;|listen\s|notify\s)/i
const PRISMA = /\.(?:findMany|findFirst|findUnique|createMany|updateMany|deleteMany|upsert|\$transaction|\$queryRaw\w*|\$executeRaw\w*)\(/

/** Where SQL lives: one store per table, and what carries statements to the database. */
const HOMES = [
  /^libs\/(?:end-user|platform)\/records\/[^/]+\.(?:store|view)\.ts$/,
  /^libs\/(?:database|postgres)\//,
  /^libs\/rate-limit\/postgres-counter-store\.ts$/,
  /^libs\/queue\/queue-schema\.ts$/,
]

const sources = ['libs', 'apps']
  .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`))
  .filter((file) => file.endsWith('.ts') && !/\.(?:test|d)\.ts$|\/(?:dist|node_modules|generated)\//.test(file))
  // What a customer runs against a database of its own.
  .filter((file) => !file.startsWith('libs/sdk-'))

test('SQL is in the stores, and nowhere else', () => {
  const speaking = sources.filter((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '')
    return SQL.test(text) || PRISMA.test(text)
  })
  // The search finds what it looks for.
  expect(speaking.length).toBeGreaterThan(20)
  expect(speaking.filter((file) => !HOMES.some((home) => home.test(file)))).toEqual([])
})
