import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import type { AssertedPerson } from '@portico/sso/saml/read-assertion'
import { SamlProblem } from '@portico/sso/saml/saml-problem'
import { ATTEMPT_CHECKS, type AttemptCheck, type AttemptReport } from '../records/sso-attempt.js'
import { SignInRefusal } from '../steps/sign-in-refusal.js'
import type { VerifiedAnswer } from './identify-person.js'
import type { SsoPerson } from './read-person.js'

const MAX_ATTRIBUTES = 100
const MAX_VALUES = 50
const MAX_TEXT = 512
const MAX_COMPARED = 300

// What binds an ID token to its flow is of no use to a reader and is nobody's to have.
const PROTOCOL_CLAIMS: ReadonlySet<string> = new Set(['nonce', 'at_hash', 'c_hash', 's_hash', 'jti', 'sid'])
// Some directories hand on what should never have left them.
const SECRET_NAME = /passw|secret|token|api_?key|credential/i
const HIDDEN = '[hidden]'

export const EMPTY_REPORT: AttemptReport = {
  refusal: null, problem: null, detail: null, expected: null, found: null, endUserId: null, account: null, emailDomain: null,
  domainProven: null, organizationId: null, role: null, roleGroup: null, subject: null, nameIdFormat: null, sessionIndex: null,
  email: null, name: null, groups: [], metadata: [], attributes: [], checks: [],
}

/** What was behind a refusal, in words for an operator. */
export function refusalReport({ code, cause }: SignInRefusal): Partial<AttemptReport> {
  if (!(cause instanceof SamlProblem || cause instanceof OAuthProblem)) return { refusal: code }
  const compared = cause instanceof SamlProblem ? cause.compared : undefined
  return {
    refusal: code,
    problem: cause.kind,
    detail: cause.detail,
    expected: compared?.expected.slice(0, MAX_COMPARED) ?? null,
    found: compared?.found.slice(0, MAX_COMPARED) ?? null,
  }
}

/** What the identity provider said, decoded: only what its signature covers. */
export function decodedReport(answer: VerifiedAnswer): Partial<AttemptReport> {
  return answer.protocol === 'saml' ? decodedAssertion(answer.assertion) : decodedClaims(answer.identity)
}

function decodedAssertion({ nameId, nameIdFormat, sessionIndex, attributes }: AssertedPerson): Partial<AttemptReport> {
  const shown = [...attributes].map(([name, values]) => shownAttribute(name, values))
  return { subject: nameId.slice(0, MAX_TEXT), nameIdFormat, sessionIndex, attributes: shown.slice(0, MAX_ATTRIBUTES) }
}

function decodedClaims({ subject, claims = [] }: ProvidedIdentity): Partial<AttemptReport> {
  const merged = new Map<string, unknown>()
  for (const document of claims.toReversed()) for (const [name, value] of Object.entries(document)) merged.set(name, value)
  const shown = [...merged].filter(([name]) => !PROTOCOL_CLAIMS.has(name))
  const texts = (value: unknown): string[] => {
    const list: unknown[] = Array.isArray(value) ? value : [value]
    return list.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
  }
  return {
    subject: subject.slice(0, MAX_TEXT),
    attributes: shown.slice(0, MAX_ATTRIBUTES).map(([name, value]) => shownAttribute(name, texts(value))),
  }
}

function shownAttribute(name: string, values: readonly string[]): AttemptReport['attributes'][number] {
  const shown = SECRET_NAME.test(name) ? [HIDDEN] : values.slice(0, MAX_VALUES).map((value) => storable(value))
  return { name: storable(name), values: shown }
}

// PostgreSQL has no such character in JSON.
const storable = (text: string): string => text.replaceAll('\u0000', '').slice(0, MAX_TEXT)

/** The person as the mapping reads them. */
export function personReport(person: SsoPerson): Partial<AttemptReport> {
  const { subject, email, name, groups, metadata } = person
  return {
    subject, email, name,
    groups: groups.slice(0, MAX_VALUES),
    metadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  }
}

/** Every check up to the one that failed, and that those behind it were not reached. `failed` null: all passed. */
export function checksUpTo(failed: AttemptCheck | null): AttemptReport['checks'] {
  const place = failed === null ? ATTEMPT_CHECKS.length : ATTEMPT_CHECKS.indexOf(failed)
  return ATTEMPT_CHECKS.map((check, index) => ({ check, passed: index < place ? true : index === place ? false : null }))
}
