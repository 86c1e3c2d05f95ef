import { execFileSync } from 'node:child_process'
import { parseEnv } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatEnv } from './env-format.js'

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,12}$/).filter((text) => text !== '_')
// No process can have a NUL in its environment.
const value = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '').replaceAll('\r', ''))

test('a shell gets back exactly the values that went in', () => {
  fc.assert(
    fc.property(value, (text) => {
      const script = `${formatEnv({ PORTICO_TEST_VALUE: text }, 'shell')}printf %s "$PORTICO_TEST_VALUE"`
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(text)
    }),
    { numRuns: 30 },
  )
})

test('json gives the values back', () => {
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (env) => {
      expect(JSON.parse(formatEnv(env, 'json'))).toEqual(env)
    }),
  )
})

test.each([
  'plain',
  '',
  'with space',
  'hash # inside',
  'a=b',
  'dollar $HOME',
  'back\\slash',
  'double " quote',
  "single ' quote",
  'two\nlines',
  '`ls`',
])('dotenv gives %j back to Node', (text) => {
  expect(parseEnv(formatEnv({ NAME: text, AFTER: 'x' }, 'dotenv'))).toEqual({ NAME: text, AFTER: 'x' })
})
