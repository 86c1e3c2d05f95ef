import { SAML } from '@node-saml/node-saml'
import { getVerifiedXml, signXml } from '@node-saml/node-saml/lib/xml.js'
import { isSignedBy } from '@portico/crypto/certificate'
import { inflateRaw } from 'node:zlib'
import { decodeMessage, MAX_MESSAGE_BYTES } from './check-document.js'
import { checkIds, checkSignatures } from './check-signatures.js'
import { ASSERTION, PROTOCOL } from './names.js'
import { openedNameId } from './open-assertion.js'
import { instant } from './read-assertion.js'
import { SamlProblem } from './saml-problem.js'
import type { SamlRequest } from './service-provider.js'
import { allElements, childElements, isNamed, readXml, textOf, type XmlElement } from './xml-document.js'

/** A LogoutRequest as a browser brings it: in a form, or in the query of an address, which is signed as it was sent (bindings, 3.4.4.1). */
export type AskedLogout = { form: string } | { query: string }

export interface LogoutPeers {
  /** Of the identity provider. */
  entityId: string
  certificates: readonly string[]
  answerUrl: string
  answerBinding: 'redirect' | 'post'
  own: { entityId: string; sloUrl: string }
  /** That answers are signed with. */
  privateKey: string
  /** Our private keys, PEM; asked for where the name is encrypted. */
  keys: () => Promise<readonly string[]>
}

export interface LogoutRequest {
  /** The same one is never taken twice. */
  id: string
  /** Until when it could be shown again. */
  expiresAt: Date
  nameId: string
  /** Empty: all sessions of the person. */
  sessionIndexes: string[]
}

const SKEW_MS = 60_000
/** A browser carries it at once. */
const MAX_AGE_MS = 10 * 60_000
const MAX_INDEXES = 100
const MAX_LENGTH = 255
const HASHES: Readonly<Record<string, 'SHA256' | 'SHA512'>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'SHA256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'SHA512',
}

/** Verifies a request and says whom to sign out. Nothing is read but what a signature covers. Throws `SamlProblem`. */
export async function readLogoutRequest(peers: LogoutPeers, asked: AskedLogout, now: Date): Promise<LogoutRequest> {
  const xml = 'form' in asked ? await signedXml(peers, asked.form) : await signedQuery(peers, asked.query)
  const root = await readXml(xml)
  checkRequest(root)
  if (root.getAttribute('Destination') !== peers.own.sloUrl)
    throw new SamlProblem('untrusted', 'the Destination of the request is another one')
  if (textOf(only(root, 'Issuer')) !== peers.entityId) throw new SamlProblem('untrusted', 'the Issuer of the request is another one')
  const id = root.getAttribute('ID') ?? ''
  if (id === '') throw new SamlProblem('untrusted', 'the request has no ID')
  const issuedAt = instant(root.getAttribute('IssueInstant') ?? '')
  const end = root.hasAttribute('NotOnOrAfter') ? instant(root.getAttribute('NotOnOrAfter') ?? '') : Infinity
  const latest = Math.min(issuedAt + MAX_AGE_MS, end) + SKEW_MS
  if (issuedAt - SKEW_MS > now.getTime() || latest <= now.getTime()) throw new SamlProblem('untrusted', 'the request is not valid now')
  const nameId = textOf(await nameOf(peers, root))
  if (nameId === '' || nameId.length > MAX_LENGTH) throw new SamlProblem('untrusted', 'the NameID is missing or too long')
  const indexes = childElements(root).filter((child) => isNamed(child, PROTOCOL, 'SessionIndex')).map(textOf)
  const sessionIndexes = indexes.slice(0, MAX_INDEXES).map((index) => index.slice(0, MAX_LENGTH))
  return { id, expiresAt: new Date(latest), nameId, sessionIndexes }
}

function checkRequest(root: XmlElement): void {
  if (!isNamed(root, PROTOCOL, 'LogoutRequest') || root.getAttribute('Version') !== '2.0')
    throw new SamlProblem('malformed', 'this is no SAML 2.0 logout request')
  const elements = allElements(root)
  checkIds(elements)
  checkSignatures(elements, 1)
}

/** The bytes that the signature within the message covers, and no others. */
async function signedXml({ certificates }: LogoutPeers, form: string): Promise<string> {
  const xml = decodeMessage(form)
  const root = await readXml(xml)
  checkRequest(root)
  let verified: string | null
  try {
    verified = getVerifiedXml(xml, root as never, [...certificates])
  } catch (error) {
    throw new SamlProblem('untrusted', UNSIGNED, { cause: error })
  }
  if (verified === null) throw new SamlProblem('untrusted', UNSIGNED)
  return verified
}

const UNSIGNED = 'no certificate of the connection verifies the signature of the request'

/** The whole message, which the signature beside it covers. */
async function signedQuery({ certificates }: LogoutPeers, query: string): Promise<string> {
  const [message, relayState, algorithm, signature] = ['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'].map((name) => raw(query, name))
  if (message == null || algorithm == null || signature == null) throw new SamlProblem('untrusted', UNSIGNED)
  const signed = [`SAMLRequest=${message}`, ...(relayState == null ? [] : [`RelayState=${relayState}`]), `SigAlg=${algorithm}`].join('&')
  const hash = HASHES[decoded(algorithm)]
  if (hash === undefined) throw new SamlProblem('untrusted', 'the signature uses an algorithm that is not accepted, such as SHA-1')
  const bytes = Buffer.from(decoded(signature), 'base64')
  if (!certificates.some((pem) => isSignedBy(pem, hash, signed, bytes))) throw new SamlProblem('untrusted', UNSIGNED)
  return inflated(Buffer.from(decoded(message), 'base64'))
}

/** As it was sent: another spelling has another signature. `null`: not there. Two of one name could be read differently. */
function raw(query: string, name: string): string | null {
  const found = query.split('&').filter((part) => part.startsWith(`${name}=`))
  if (found.length > 1) throw new SamlProblem('malformed', `there is more than one ${name}`)
  return found[0]?.slice(name.length + 1) ?? null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'))
  } catch (error) {
    throw new SamlProblem('malformed', 'the query is not well-formed', { cause: error })
  }
}

function inflated(bytes: Buffer): Promise<string> {
  return new Promise((done, fail) => {
    // A bomb of 256 KiB unpacks to no more.
    inflateRaw(bytes, { maxOutputLength: MAX_MESSAGE_BYTES }, (error, text) => {
      if (error) fail(new SamlProblem('malformed', 'the message cannot be unpacked', { cause: error }))
      else done(text.toString('utf8'))
    })
  })
}

/** In the clear or encrypted for us, one of the two (core, 3.7.1). */
async function nameOf({ keys }: LogoutPeers, root: XmlElement): Promise<XmlElement> {
  const isEncrypted = childElements(root).some((child) => isNamed(child, ASSERTION, 'EncryptedID'))
  if (!isEncrypted) return only(root, 'NameID')
  if (childElements(root).some((child) => isNamed(child, ASSERTION, 'NameID')))
    throw new SamlProblem('untrusted', 'the request has a NameID in the clear beside an encrypted one')
  return openedNameId(only(root, 'EncryptedID'), await keys())
}

function only(root: XmlElement, name: string): XmlElement {
  const found = childElements(root).filter((child) => isNamed(child, ASSERTION, name))
  if (found.length !== 1) throw new SamlProblem('untrusted', `the request does not have exactly one ${name}`)
  return found[0]!
}

/** That everybody is signed out, signed, on its way back. */
export async function logoutResponse(
  peers: LogoutPeers,
  { inResponseTo, relayState, id }: { inResponseTo: string; relayState: string; id: string },
): Promise<SamlRequest> {
  const { own, answerUrl, answerBinding, privateKey } = peers
  const shared = {
    issuer: own.entityId, callbackUrl: own.sloUrl, entryPoint: answerUrl, logoutUrl: answerUrl, idpCert: [...peers.certificates],
    signatureAlgorithm: 'sha256' as const, generateUniqueId: () => id,
  }
  const asked = { ID: inResponseTo } as never
  if (answerBinding === 'redirect') {
    return { url: new URL(await new SAML({ ...shared, privateKey }).getLogoutResponseUrlAsync(asked, relayState, {}, true)) }
  }
  // The library knows this message for an address alone; for a form it is the same one, signed within.
  const url = new URL(await new SAML({ ...shared, skipRequestCompression: true }).getLogoutResponseUrlAsync(asked, '', {}, true))
  const xml = Buffer.from(url.searchParams.get('SAMLResponse') ?? '', 'base64').toString('utf8')
  const location = { reference: "/*/*[local-name(.)='Issuer']", action: 'after' } as const
  const signed = signXml(xml, '/*', location, { privateKey, signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256' })
  const fields = { SAMLResponse: Buffer.from(signed, 'utf8').toString('base64'), ...(relayState === '' ? {} : { RelayState: relayState }) }
  return { action: answerUrl, fields }
}
