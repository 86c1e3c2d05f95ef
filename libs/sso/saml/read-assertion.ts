import { BEARER } from './names.js'
import { SamlProblem } from './saml-problem.js'

/** An element as the library hands over what a signature covers: attributes in `$`, text in `_`, children by name. */
type Node = Readonly<Record<string, unknown>>

/** Who came, as far as a signature covers it. */
export interface AssertedPerson {
  /** Of the assertion; the same one is never taken twice. */
  assertionId: string
  /** Until when it could be shown again. */
  expiresAt: Date
  nameId: string
  nameIdFormat: string | null
  sessionIndex: string | null
  attributes: ReadonlyMap<string, readonly string[]>
}

export interface ExpectedAssertion {
  /** Of the identity provider. */
  issuer: string
  /** Who we are. */
  audience: string
  /** Where it was sent to. */
  recipient: string
  /** What it answers. */
  requestId: string
  now: Date
  /** Of its EncryptedID, opened; `null`: it has none. */
  opened: AssertedName | null
}

export interface AssertedName {
  nameId: string
  nameIdFormat: string | null
}

const SKEW_MS = 60_000
// An assertion that is good for longer is no answer to a person who waits; how long one is remembered is bounded too.
const MAX_LIFE_MS = 24 * 3_600_000
const MAX_ATTRIBUTES = 200
const MAX_VALUES = 2_000
const MAX_NAME_ID = 255

/** Checks what the library leaves to its caller (profiles, 4.1.4.2 and 4.1.4.3). Throws `SamlProblem`. */
export function readAssertion(document: unknown, expected: ExpectedAssertion): AssertedPerson {
  const assertion = only(document, 'Assertion')
  const assertionId = attribute(assertion, 'ID')
  if (assertionId === '') throw new SamlProblem('untrusted', 'the assertion has no ID')
  if (attribute(assertion, 'Version') !== '2.0') throw new SamlProblem('untrusted', 'the assertion is not of SAML 2.0')
  const issuer = text(only(assertion, 'Issuer'))
  if (issuer !== expected.issuer)
    throw new SamlProblem('untrusted', 'the assertion is of another issuer', { compared: { expected: expected.issuer, found: issuer } })
  const subject = only(assertion, 'Subject')
  const { nameId, nameIdFormat } = nameOf(subject, expected.opened)
  if (nameId === '' || nameId.length > MAX_NAME_ID) throw new SamlProblem('untrusted', 'the NameID is missing or too long')
  const confirmed = children(subject, 'SubjectConfirmation').map((each) => confirmedUntil(each, expected))
  const expiresAt = confirmed.find((until) => until !== null)
  if (!expiresAt) throw new SamlProblem('untrusted', 'no confirmation of the subject is meant for this address, this request and this time')
  checkConditions(only(assertion, 'Conditions'), expected)
  const statements = children(assertion, 'AuthnStatement')
  if (statements.length === 0) throw new SamlProblem('untrusted', 'the assertion does not say that the person signed in')
  for (const statement of statements) {
    const end = attribute(statement, 'SessionNotOnOrAfter')
    if (end !== '' && instant(end) + SKEW_MS <= expected.now.getTime()) throw new SamlProblem('untrusted', 'the session at the identity provider is over')
  }
  const sessionIndex = attribute(statements[0]!, 'SessionIndex')
  return {
    assertionId,
    expiresAt,
    nameId,
    nameIdFormat,
    sessionIndex: sessionIndex === '' ? null : sessionIndex.slice(0, 255),
    attributes: readAttributes(assertion),
  }
}

/** One of the two, once: with both, two readers could see two people. */
function nameOf(subject: Node, opened: AssertedName | null): AssertedName {
  if (opened === null) {
    const node = only(subject, 'NameID')
    return { nameId: text(node), nameIdFormat: attribute(node, 'Format') || null }
  }
  if (subject['NameID'] !== undefined) throw new SamlProblem('untrusted', 'the subject has a NameID in the clear beside an encrypted one')
  return opened
}

/** Until when this confirmation stands; `null`: it is not for us, not for this request, or not for now. */
function confirmedUntil(confirmation: Node, { recipient, requestId, now }: ExpectedAssertion): Date | null {
  if (attribute(confirmation, 'Method') !== BEARER) return null
  const [data, another] = children(confirmation, 'SubjectConfirmationData')
  if (!data || another) return null
  if (attribute(data, 'Recipient') !== recipient || attribute(data, 'InResponseTo') !== requestId) return null
  const before = attribute(data, 'NotBefore')
  if (before !== '' && instant(before) - SKEW_MS > now.getTime()) return null
  const end = instant(attribute(data, 'NotOnOrAfter'))
  if (end + SKEW_MS <= now.getTime() || end > now.getTime() + MAX_LIFE_MS) return null
  return new Date(end + SKEW_MS)
}

function checkConditions(conditions: Node, { audience, now }: ExpectedAssertion): void {
  const [before, end] = [attribute(conditions, 'NotBefore'), attribute(conditions, 'NotOnOrAfter')]
  if (before !== '' && instant(before) - SKEW_MS > now.getTime()) throw new SamlProblem('untrusted', 'the assertion is not valid yet')
  if (end !== '' && instant(end) + SKEW_MS <= now.getTime()) throw new SamlProblem('untrusted', 'the assertion has expired')
  const restrictions = children(conditions, 'AudienceRestriction')
  const meant = (restriction: Node): boolean => children(restriction, 'Audience').some((each) => text(each) === audience)
  if (restrictions.length > 0 && restrictions.every(meant)) return
  const found = restrictions.flatMap((restriction) => children(restriction, 'Audience').map(text)).join(' ')
  throw new SamlProblem('untrusted', 'the assertion is for another audience', { compared: { expected: audience, found } })
}

function readAttributes(assertion: Node): Map<string, readonly string[]> {
  const read = new Map<string, readonly string[]>()
  const all = children(assertion, 'AttributeStatement').flatMap((statement) => children(statement, 'Attribute')).slice(0, MAX_ATTRIBUTES)
  for (const each of all) {
    const name = attribute(each, 'Name')
    const values = children(each, 'AttributeValue').map(text).filter((value) => value !== '').slice(0, MAX_VALUES)
    // The same name twice is one attribute with the values of both.
    if (name !== '' && values.length > 0) read.set(name, [...(read.get(name) ?? []), ...values])
  }
  return read
}

/** In milliseconds. Throws `SamlProblem` for what is no time. */
export function instant(value: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : NaN
  if (Number.isNaN(time)) throw new SamlProblem('untrusted', 'a time of the message is missing or is none')
  return time
}

function only(parent: unknown, name: string): Node {
  const found = isNode(parent) ? parent[name] : undefined
  const list = Array.isArray(found) ? found : found === undefined ? [] : [found]
  if (list.length !== 1) throw new SamlProblem('untrusted', `the assertion does not have exactly one ${name}`)
  const [node] = list as unknown[]
  return isNode(node) ? node : { _: typeof node === 'string' ? node : '' }
}

function children(parent: Node, name: string): Node[] {
  const found = parent[name]
  const list: unknown[] = Array.isArray(found) ? found : []
  return list.map((node) => (isNode(node) ? node : { _: typeof node === 'string' ? node : '' }))
}

function attribute(node: Node, name: string): string {
  const attributes = node['$']
  const value = isNode(attributes) && Object.hasOwn(attributes, name) ? attributes[name] : ''
  return typeof value === 'string' ? value : ''
}

function text(node: Node): string {
  const value = node['_']
  return typeof value === 'string' ? value.trim() : ''
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
