import { readFileSync, readdirSync } from 'node:fs'
import { EVENTS } from '@portico/kernel/events'
import { MAILS, SECURITY_NOTICES } from '@portico/kernel/mails'
import { expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname
const names = Object.keys(EVENTS)

test('the event catalogue and its page say the same', () => {
  const page = readFileSync(`${ROOT}openapi/events.md`, 'utf8')
  const documented = [...page.matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| `(\w+)` \| (.+?) \| (yes|no) \| (.+?) \|$/gm)].map(
    ([, action, resource, by, webhook, meaning]) => [
      action,
      { resource, by: [...by!.matchAll(/`(\w+)`/g)].map(([, who]) => who), meaning, webhook: webhook === 'yes' },
    ],
  )
  expect(Object.fromEntries(documented)).toEqual(EVENTS)
})

test('the mails and their page say the same', () => {
  const page = readFileSync(`${ROOT}openapi/events.md`, 'utf8')
  const documented = [...page.matchAll(/^\| `([a-z_]+)` \| ([a-z ]+) \| ([a-z, ]+) \| ([^|]+?) \|$/gm)].map(
    ([, kind, to, carries, meaning]) => [
      kind,
      { to: to!.replaceAll(' ', '_'), carries: carries === 'nothing' ? [] : carries!.split(', '), meaning },
    ],
  )
  expect(Object.fromEntries(documented)).toEqual(MAILS)
  const notices = /^The events of a `security_notice`: ([^.]+)\./m.exec(page)?.[1] ?? ''
  expect([...notices.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(SECURITY_NOTICES)
})

const FUNCTIONS = readdirSync(`${ROOT}prisma/functions`).map((file) => readFileSync(`${ROOT}prisma/functions/${file}`, 'utf8'))

test('what the SQL functions write is in the catalogue', () => {
  const written = FUNCTIONS
    .filter((text) => text.includes('insert into auth.audit_event'))
    .flatMap((text) => [...text.matchAll(/values \(p_project, '([a-z_]+\.[a-z_]+)'/g)].map(([, action]) => action!))
  expect(written.length).toBeGreaterThan(0)
  expect(written.filter((action) => !names.includes(action))).toEqual([])
})

test('what the SQL functions mail is in the catalogue', () => {
  const mailed = FUNCTIONS.flatMap((text) =>
    [...text.matchAll(/insert into auth\.outbox [^;]*?values \(p_project, [^,]+, '([a-z_]+)'/g)].map(([, kind]) => kind!),
  )
  const notices = FUNCTIONS.flatMap((text) => [...text.matchAll(/'event', '([a-z_]+)'/g)].map(([, event]) => event!))
  expect(mailed.toSorted()).toEqual(['email_confirm', 'new_device', 'security_notice', 'sign_up_attempt'])
  expect([
    ...mailed.filter((kind) => !Object.hasOwn(MAILS, kind)),
    ...notices.filter((event) => !(SECURITY_NOTICES as readonly string[]).includes(event)),
  ]).toEqual([])
})

const SOURCES = ['libs', 'apps', 'prisma/functions']
  .flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .filter(
        (file) =>
          /\.(ts|sql)$/.test(file) &&
          !/(^|\/)(dist|node_modules|generated)\/|\.test\.ts$|kernel\/(events|mails)\.ts$/.test(`${folder}/${file}`),
      )
      .map((file) => readFileSync(`${ROOT}${folder}/${file}`, 'utf8')),
  )
  .join('\n')

test('every event of the catalogue is written somewhere', () => {
  expect(names.filter((name) => !SOURCES.includes(`'${name}'`))).toEqual([])
})

test('every mail and every notice is sent somewhere', () => {
  expect(
    Object.keys(MAILS).filter(
      (kind) => !SOURCES.includes(`kind: '${kind}'`) && !new RegExp(`values \\(p_project, [^,]+, '${kind}'`).test(SOURCES),
    ),
  ).toEqual([])
  const sent = new Set(
    [...SOURCES.matchAll(/\bevent(?:: | = |', )(?:[^,\n]*? \? )?'([a-z_]+)'(?: : '([a-z_]+)')?/g)].flatMap(([, one, other]) => [
      one,
      other,
    ]),
  )
  expect(SECURITY_NOTICES.filter((event) => !sent.has(event))).toEqual([])
})
