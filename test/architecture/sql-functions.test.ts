import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PRISMA = fileURLToPath(new URL('../../prisma/', import.meta.url))
const MADE = /create\s+(?:or\s+replace\s+)?(?:function|procedure)\s+([\w.]+)/gi

const files = readdirSync(`${PRISMA}functions`).map((file) => ({
  name: file.replace(/\.sql$/, ''),
  sql: readFileSync(`${PRISMA}functions/${file}`, 'utf8'),
}))
const migrations = readdirSync(`${PRISMA}migrations`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
const statement = (text: string) => new RegExp(text.replaceAll(/[.()]/g, '\\$&').replaceAll(' ', '\\s+'), 'i')

test.each(files)('$name: one function, replaced and not created, with a sentence that says why, and rights of its own', ({ name, sql }) => {
  expect([...sql.matchAll(MADE)].map((match) => match[1])).toEqual([name])
  expect(sql).toMatch(statement(`create or replace function ${name}(`))
  expect(sql).toMatch(/^-- \S/)
  expect(sql).toMatch(statement(`revoke all on function ${name} from public;`))
  const definer = /security\s+definer/i.test(sql)
  expect(statement(`alter function ${name} owner to portico_maintenance;`).test(sql)).toBe(definer)
  if (definer) expect(sql).toMatch(/set search_path = pg_catalog/)
})

test('migrations make the two functions that tables need, and no other', () => {
  const made = migrations.flatMap((name) =>
    [...readFileSync(`${PRISMA}migrations/${name}/migration.sql`, 'utf8').matchAll(MADE)].map((match) => match[1]),
  )
  expect(made.toSorted()).toEqual(['auth.current_project_id', 'auth.isolate'])
})

test('row security is turned on by auth.isolate alone', () => {
  const texts = migrations.map((name) => readFileSync(`${PRISMA}migrations/${name}/migration.sql`, 'utf8'))
  expect(texts.join('\n').match(/enable row level security/gi)).toEqual(['enable row level security'])
})
