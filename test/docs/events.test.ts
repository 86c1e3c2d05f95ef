import { readFileSync, readdirSync } from 'node:fs'
import { EVENTS } from '@portico/kernel/events'
import { expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname
const names = Object.keys(EVENTS)

test('the event catalogue and its page say the same', () => {
  const page = readFileSync(`${ROOT}openapi/events.md`, 'utf8')
  const documented = [...page.matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| `(\w+)` \| (.+?) \| (yes|no) \| (.+?) \|$/gm)].map(([, action, resource, by, webhook, meaning]) => [
    action, { resource, by: [...by!.matchAll(/`(\w+)`/g)].map(([, who]) => who), meaning, webhook: webhook === 'yes' },
  ])
  expect(Object.fromEntries(documented)).toEqual(EVENTS)
})

test('what the SQL functions write is in the catalogue', () => {
  const folder = `${ROOT}prisma/functions/`
  const written = readdirSync(folder)
    .map((file) => readFileSync(folder + file, 'utf8'))
    .filter((text) => text.includes('insert into auth.audit_event'))
    .flatMap((text) => [...text.matchAll(/values \(p_project, '([a-z_]+\.[a-z_]+)'/g)].map(([, action]) => action!))
  expect(written.length).toBeGreaterThan(0)
  expect(written.filter((action) => !names.includes(action))).toEqual([])
})

test('every event of the catalogue is written somewhere', () => {
  const sources = ['libs', 'apps', 'prisma/functions'].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|sql)$/.test(file) && !/(^|\/)(dist|node_modules|generated)\/|\.test\.ts$|kernel\/events\.ts$/.test(file))
      .map((file) => readFileSync(`${ROOT}${folder}/${file}`, 'utf8')),
  )
  const all = sources.join('\n')
  expect(names.filter((name) => !all.includes(`'${name}'`))).toEqual([])
})
