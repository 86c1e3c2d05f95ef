import { SAML, ValidateInResponseTo } from '@node-saml/node-saml'
import { checkDocument, decodeMessage } from './check-document.js'
import { ASSERTION } from './names.js'
import { openedNameId, openingKey } from './open-assertion.js'
import { readAssertion, type AssertedName, type AssertedPerson } from './read-assertion.js'
import { SamlProblem, type Compared } from './saml-problem.js'
import { childElements, isNamed, readXml, textOf } from './xml-document.js'

/** The identity provider of one connection, and who we are to it. */
export interface SamlPeers {
  entityId: string
  ssoUrl: string
  binding: 'redirect' | 'post'
  certificates: readonly string[]
  signed: 'assertion' | 'response' | 'both' | 'any'
  nameIdFormat: string | null
  own: { entityId: string; acsUrl: string }
  /** That requests are signed with; `null`: they are not. */
  signingKey: string | null
}

/** What was posted. */
export interface SamlAnswer {
  response: string
  requestId: string
  now: Date
  /** Our private keys, PEM; asked for where an assertion or its name is encrypted. */
  keys: () => Promise<readonly string[]>
}

/** How the browser takes a message there. */
export type SamlRequest = { url: URL } | { action: string; fields: Record<string, string> }

const SKEW_MS = 60_000

/** The request of a sign-in (bindings, 3.4 and 3.5). `relayState` is ours and comes back untouched. */
export async function samlRequest(
  peers: SamlPeers,
  { requestId, relayState }: { requestId: string; relayState: string },
): Promise<SamlRequest> {
  const saml = library(peers, requestId, peers.signingKey === null ? {} : { privateKey: peers.signingKey, digestAlgorithm: 'sha256' })
  if (peers.binding === 'redirect') return { url: new URL(await saml.getAuthorizeUrlAsync(relayState, undefined, {})) }
  const message = await saml.getAuthorizeMessageAsync(relayState)
  const fields = Object.fromEntries(Object.entries(message).map(([name, value]) => [name, String(value)]))
  return { action: peers.ssoUrl, fields }
}

/**
 * Verifies a posted response, and says who came. The library verifies the signature and reads what it covers; around it stand the checks
 * that it leaves to its caller. Throws `SamlProblem`.
 */
export async function samlPerson(peers: SamlPeers, answer: SamlAnswer): Promise<AssertedPerson> {
  const { requestId, now } = answer
  const { own, entityId: issuer } = peers
  const xml = decodeMessage(answer.response)
  const encrypted = await checkDocument(xml, { acsUrl: own.acsUrl, entityId: issuer, requestId })
  const opening = encrypted === null ? {} : { decryptionPvk: await openingKey(encrypted, await answer.keys()) }
  const { profile } = await library(peers, requestId, opening)
    .validatePostResponseAsync({ SAMLResponse: Buffer.from(xml, 'utf8').toString('base64') })
    .catch((error: unknown) => {
      throw new SamlProblem('untrusted', meaningOf(error), { cause: error, ...audienceOf(error, own.entityId) })
    })
  const verified: unknown = profile?.getAssertion?.()
  if (verified === undefined) throw new SamlProblem('untrusted', 'the response has no assertion that a signature covers')
  const opened = await encryptedName(profile?.getAssertionXml?.() ?? '', answer.keys)
  return readAssertion(verified, { issuer, audience: own.entityId, recipient: own.acsUrl, requestId, now, opened })
}

/** @param verified the markup of the assertion that the library verified */
async function encryptedName(verified: string, keys: SamlAnswer['keys']): Promise<AssertedName | null> {
  if (!verified.includes('EncryptedID')) return null
  const subjects = childElements(await readXml(verified)).filter((child) => isNamed(child, ASSERTION, 'Subject'))
  const [encrypted, another] = subjects.flatMap(childElements).filter((child) => isNamed(child, ASSERTION, 'EncryptedID'))
  if (!encrypted) return null
  if (another) throw new SamlProblem('untrusted', 'the subject has more than one name')
  const name = await openedNameId(encrypted, await keys())
  return { nameId: textOf(name), nameIdFormat: name.getAttribute('Format') || null }
}

const OURS = {
  acceptedClockSkewMs: SKEW_MS,
  // Which of its methods somebody signs in with there is the identity provider's own affair; Entra refuses what it does not know.
  disableRequestedAuthnContext: true,
  signatureAlgorithm: 'sha256',
  validateInResponseTo: ValidateInResponseTo.always,
} as const

function library(
  peers: SamlPeers,
  requestId: string,
  keys: { privateKey?: string; digestAlgorithm?: 'sha256'; decryptionPvk?: string },
): SAML {
  const { own, signed } = peers
  return new SAML({
    ...OURS,
    ...keys,
    issuer: own.entityId,
    audience: own.entityId,
    callbackUrl: own.acsUrl,
    entryPoint: peers.ssoUrl,
    idpCert: [...peers.certificates],
    identifierFormat: peers.nameIdFormat,
    // `any`: one of the two, the library insists on that.
    wantAssertionsSigned: signed === 'assertion' || signed === 'both',
    wantAuthnResponseSigned: signed === 'response' || signed === 'both',
    skipRequestCompression: peers.binding === 'post',
    generateUniqueId: () => requestId,
    // The caller has spent the flow of this one request, in the database, before it asks here.
    cacheProvider: {
      saveAsync: (_key, value) => Promise.resolve({ value, createdAt: Date.now() }),
      getAsync: (key) => Promise.resolve(key === requestId ? new Date().toISOString() : null),
      removeAsync: (key) => Promise.resolve(key),
    },
  })
}

/** What is said when the identity provider may simply sign with another key by now. */
export const UNVERIFIED = 'no certificate of the connection verifies the signature, or it does not cover what it should'

const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/signature|too many transforms|ref URI/i, UNVERIFIED],
  [/InResponseTo|subject confirmation/i, 'the response answers another request'],
  [/audience/i, 'the assertion is for another audience'],
  [/expired|not yet valid|too old/i, 'the assertion is not valid now; perhaps a clock is wrong'],
  [/decrypt|Encrypted/i, 'the assertion is encrypted, and no key of this connection opens it'],
]

/** Which audience it was: what an operator has set wrong more often than anything else. A signature covers it by then. */
function audienceOf(error: unknown, expected: string): { compared?: Compared } {
  const found = error instanceof Error ? /audience mismatch\..* Received: (.*)$/s.exec(error.message)?.[1] : undefined
  return found === undefined ? {} : { compared: { expected, found } }
}

/** In words of ours: those of the library repeat what the message says. */
function meaningOf(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  return MEANINGS.find(([form]) => form.test(message))?.[1] ?? 'the response failed a check'
}
