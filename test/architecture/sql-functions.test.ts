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

/** Rounds of the worker, of no request. */
const OF_NO_REQUEST = ['auth.finish_webhooks', 'auth.release_audit_stream', 'auth.sweep_directories', 'auth.watch_limits']

/** Functions that write events, themselves or by another one. */
function writers(): string[] {
  const found = new Set(files.filter(({ sql }) => /insert into (?:auth|platform)\.audit_event/.test(sql)).map(({ name }) => name))
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const { name, sql } of files) if ([...found].some((one) => one !== name && sql.includes(`${one}(`))) found.add(name)
  }
  return [...found].filter((name) => !OF_NO_REQUEST.includes(name))
}

test('whatever writes events knows the trace of the request: by the transaction around it, or as a parameter', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const sources = ['libs', 'apps'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|(^|\/)(dist|generated|node_modules)\//.test(file))
      .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(`${root}${folder}/${file}`, 'utf8') })),
  )
  const called: string[] = []
  const blind: string[] = []
  for (const name of writers()) {
    const takesIt = /p_\w+\s*->>\s*'traceparent'|\bp_traceparent\b|o\.traceparent/.test(files.find((file) => file.name === name)!.sql)
    for (const { file, text } of sources) {
      for (let at = text.indexOf(`${name}(`); at !== -1; at = text.indexOf(`${name}(`, at + 1)) {
        called.push(name)
        const before = text.slice(0, at)
        const way = [...before.matchAll(/\btx\.query|\bdb\.call|\bsql\.run(?:WithEvents)?\b/g)].at(-1)?.[0]
        const says = /writesEvents: true/.test(/^[^{}]*/.exec(text.slice(at))![0])
        if (!takesIt && way !== 'tx.query' && way !== 'sql.runWithEvents' && !says) blind.push(`${file} calls ${name}`)
      }
    }
  }
  expect(blind).toEqual([])
  expect(new Set(called).size).toBeGreaterThan(10)
})
