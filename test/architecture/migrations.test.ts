import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'

const FOLDER = new URL('../../prisma/migrations/', import.meta.url)

/**
 * Up to here nothing has been released: nobody runs an older release beside these. From the first release on a migration only adds, and
 * what goes has been without use for a whole release (prisma/README.md).
 */
const UNRELEASED_UP_TO = '20261130235959'

/** What the processes of the release before would fall over, and how it is done instead. */
const BREAKS: readonly [RegExp, string][] = [
  [/\bdrop\s+(?:table|column|view|type)\b/i, 'is dropped one release after its last use'],
  [/\brename\s+(?:to|column|constraint)\b/i, 'is added under the new name, filled, and the old one dropped one release later'],
  [/\balter\s+column\s+\w+\s+(?:set\s+data\s+)?type\b/i, 'is added as another column'],
  [/\bset\s+not\s+null\b/i, 'is a check that is not valid yet, validated one release later'],
  [/\badd\s+column\s+(?:if\s+not\s+exists\s+)?\w+\s+[^,;]*\bnot\s+null\b(?![^,;]*\bdefault\b)/i, 'has a default: the old release does not fill it'],
]
/** Says that the release before does not use what goes: `-- contract: <since which release>`. */
const CONTRACT = /^-- contract: \d+\.\d+\.\d+$/m

function problems(name: string, sql: string): string[] {
  const code = sql.replaceAll(/--.*$/gm, '')
  if (CONTRACT.test(sql)) return []
  return BREAKS.filter(([pattern]) => pattern.test(code)).map(([pattern, instead]) => `${name}: ${pattern.exec(code)![0]} … ${instead}`)
}

test('a migration lets the release before go on', () => {
  const later = readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name > UNRELEASED_UP_TO)
    .map(({ name }) => name)
  expect(later.flatMap((name) => problems(name, readFileSync(new URL(`${name}/migration.sql`, FOLDER), 'utf8')))).toEqual([])
})

test.each([
  'alter table auth.session drop column ip',
  'drop table auth.session',
  'alter table auth.session rename column ip to address',
  'alter table auth.session alter column ip type inet',
  'alter table auth.session alter column ip set not null',
  'alter table auth.session add column place text not null',
])('%s is found, unless the release before does without', (sql) => {
  expect(problems('x', sql)).toHaveLength(1)
  expect(problems('x', `-- contract: 0.2.0\n${sql}`)).toEqual([])
})

test.each([
  'alter table auth.session add column place text',
  "alter table auth.session add column place text not null default ''",
  'create index on auth.session (ip)',
  'alter table auth.service drop constraint service_project_id_fkey',
])('%s may be done', (sql) => {
  expect(problems('x', sql)).toEqual([])
})
