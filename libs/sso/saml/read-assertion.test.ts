import { describe, expect, test } from 'vitest'
import { readAssertion } from './read-assertion.js'
import { SamlProblem } from './saml-problem.js'

/** Clocks that differ: 60 seconds are borne, at every time of an assertion, and 61 are not. */
const NOW = new Date('2026-11-30T12:00:00.000Z')
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000).toISOString()
const expected = { issuer: 'idp', audience: 'sp', recipient: 'acs', requestId: '_r', now: NOW, opened: null }

interface Times {
  confirmedFrom?: number
  confirmedUntil?: number
  validFrom?: number
  validUntil?: number
  sessionUntil?: number
}

/** As the library hands over what it verified. */
function assertion({ confirmedFrom = -5, confirmedUntil = 300, validFrom = -5, validUntil = 300, sessionUntil = 3_600 }: Times) {
  const data = { Recipient: 'acs', InResponseTo: '_r', NotBefore: at(confirmedFrom), NotOnOrAfter: at(confirmedUntil) }
  return {
    Assertion: {
      $: { ID: '_a', Version: '2.0' },
      Issuer: [{ _: 'idp' }],
      Subject: [
        {
          NameID: [{ _: 'ada' }],
          SubjectConfirmation: [{ $: { Method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer' }, SubjectConfirmationData: [{ $: data }] }],
        },
      ],
      Conditions: [{ $: { NotBefore: at(validFrom), NotOnOrAfter: at(validUntil) }, AudienceRestriction: [{ Audience: [{ _: 'sp' }] }] }],
      AuthnStatement: [{ $: { SessionIndex: 's', SessionNotOnOrAfter: at(sessionUntil) } }],
    },
  }
}

describe('clock skew', () => {
  // `NotOnOrAfter` names the first instant that is too late, so with 60 seconds the last good one is just before.
  const EDGES: [name: keyof Times, good: number, bad: number][] = [
    ['confirmedFrom', 60, 61],
    ['confirmedUntil', -59, -60],
    ['validFrom', 60, 61],
    ['validUntil', -59, -60],
    ['sessionUntil', -59, -60],
  ]
  test.each(EDGES)('%s: %i seconds off are borne, %i are not', (name, good, bad) => {
    expect(readAssertion(assertion({ [name]: good }), expected).nameId).toBe('ada')
    expect(() => readAssertion(assertion({ [name]: bad }), expected)).toThrow(SamlProblem)
  })

  test('an assertion is remembered as long as it could be shown again', () => {
    expect(readAssertion(assertion({}), expected).expiresAt.toISOString()).toBe(at(360))
  })

  test('one that is good for more than a day is not taken: it would have to be remembered as long', () => {
    expect(readAssertion(assertion({ confirmedUntil: 86_400 }), expected).nameId).toBe('ada')
    expect(() => readAssertion(assertion({ confirmedUntil: 86_401 }), expected)).toThrow(SamlProblem)
  })
})

test('a name in the clear beside an encrypted one is refused: two readers could see two people', () => {
  const opened = { nameId: 'admin', nameIdFormat: null }
  expect(() => readAssertion(assertion({}), { ...expected, opened })).toThrow('beside an encrypted one')
})
