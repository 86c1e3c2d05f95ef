import { HOOK_NAMES, HOOKS } from '@portico/kernel/hooks'
import { describe, expect, test } from 'vitest'
import { readHookAnswer } from './hook-answer.js'

const say = (answer: unknown) => (typeof answer === 'string' ? answer : JSON.stringify(answer))
const REGISTERED = [
  'iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sid', 'scope', 'email', 'role', 'amr', 'acr', 'azp', 'client_id', 'org_id', 'cnf',
]

describe.each(HOOK_NAMES)('%s', (name) => {
  const answers: readonly string[] = HOOKS[name].answers

  test.each<[string, unknown]>([
    ['nothing', ''], ['no JSON', 'allow'], ['half of it', '{"decision":"allow"'], ['a list', []], ['null', 'null'], ['a string', '"allow"'],
    ['no decision', {}], ['another decision', { decision: 'maybe' }], ['a decision in capitals', { decision: 'ALLOW' }],
    ['a decision that is true', { decision: true }], ['a decision in a list', { decision: ['allow'] }],
    ['an unknown field', { decision: 'allow', user: {} }],
    ['a key that is none', '{"decision":"allow","__proto__":{"decision":"deny"}}'],
    ['a message that is none', { decision: 'deny', message: 1 }], ['a message of 301', { decision: 'deny', message: 'x'.repeat(301) }],
    ['a message over two lines', { decision: 'deny', message: 'a\nb' }],
    ['a message with a separator', { decision: 'deny', message: 'a\u2028b' }],
    ['a null character', '{"decision":"deny","message":"a\\u0000b"}'],
    ['claims in a list', { decision: 'allow', claims: [] }], ['claims that are text', { decision: 'allow', claims: 'app:x' }],
    ['metadata in a list', { decision: 'allow', app_metadata: [] }],
    ['too many claims', { decision: 'allow', claims: { 'app:x': 'ü'.repeat(1_030) } }],
    ['too much metadata', { decision: 'allow', app_metadata: { x: 'ü'.repeat(1_030) } }],
    ...(answers.includes('claims') ? [] : [['claims where they have no place', { decision: 'allow', claims: {} }] as [string, unknown]]),
    ...(answers.includes('app_metadata')
      ? []
      : [['metadata where it has no place', { decision: 'allow', app_metadata: {} }] as [string, unknown]]),
  ])('%s is no answer', (_what, answer) => {
    expect(readHookAnswer(name, say(answer))).toBeNull()
  })

  test('a decision alone, or with a message, is one', () => {
    const nothing = { message: null, claims: {}, appMetadata: null }
    expect(readHookAnswer(name, say({ decision: 'allow' }))).toEqual({ ...nothing, allow: true })
    expect(readHookAnswer(name, say({ decision: 'deny', message: 'No.' }))).toEqual({ ...nothing, allow: false, message: 'No.' })
    expect(readHookAnswer(name, say({ decision: 'deny', message: null }))).toMatchObject({ allow: false, message: null })
  })
})

describe('a name of a claim that is not the app’s own', () => {
  const tricks = REGISTERED.flatMap((name) => [
    name, name.toUpperCase(), ` ${name}`, `${name} `, `${name}\u200b`, `${name}\u0000`, `:${name}`, `${name}:`, `_:${name}`, `\uff53${name}`,
    name.replace('s', '\u017f').replace('i', '\u0131'), `__proto__:${name}`, `ap p:${name}`, `app：${name}`, `app:${name}\u00e9`, `app:${name} `,
  ])
  test.each([...new Set(tricks)].filter((name) => !/^[a-z]+:[a-z_]+$/i.test(name)))('%j', (claim) => {
    expect(readHookAnswer('token_claims', `{"decision":"allow","claims":{${JSON.stringify(claim)}:"x"}}`)).toBeNull()
  })

  test('the app’s own may hold any value of at most 2 KB, and no name can become one without a colon', () => {
    const claims = { 'app:sub': 'x', 'https://app.example/rights': { read: [1, null] } }
    expect(readHookAnswer('token_claims', say({ decision: 'allow', claims }))).toMatchObject({ claims })
    for (const name of REGISTERED) expect(name).not.toContain(':')
  })
})
