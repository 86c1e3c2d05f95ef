import { createHash, createSign, createVerify, randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { IDP_ENTITY } from './saml-idp.js'
import { IDP_KEY } from './saml-keys.js'

export interface SaidLogout {
  destination: string
  nameId: string
  sessionIndexes?: string[]
  issuer?: string
  id?: string
  issuedAt?: Date
  notOnOrAfter?: Date
}

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'

/** A LogoutRequest, written in the canonical form already, so that it can be signed here without a library. */
export function logoutXml(said: SaidLogout): string {
  const { destination, nameId, sessionIndexes = [], issuer = IDP_ENTITY, issuedAt = new Date(), notOnOrAfter } = said
  const id = said.id ?? `_${randomBytes(16).toString('hex')}`
  const end = notOnOrAfter ? ` NotOnOrAfter="${notOnOrAfter.toISOString()}"` : ''
  const saml = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
  const indexes = sessionIndexes.map((index) => `<samlp:SessionIndex>${index}</samlp:SessionIndex>`).join('')
  return `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="${destination}" ID="${id}" IssueInstant="${issuedAt.toISOString()}"${end} Version="2.0"><saml:Issuer ${saml}>${issuer}</saml:Issuer><saml:NameID ${saml}>${nameId}</saml:NameID>${indexes}</samlp:LogoutRequest>`
}

/** Signed within, for a form. */
export function signedWithin(xml: string, key: string = IDP_KEY.key): string {
  const id = / ID="([^"]+)"/.exec(xml)![1]!
  const method = (name: string, algorithm: string) => `<ds:${name} Algorithm="${algorithm}"></ds:${name}>`
  const digest = createHash('sha256').update(xml).digest('base64')
  const transforms = `<ds:Transforms>${method('Transform', `${DSIG}enveloped-signature`)}${method('Transform', EXC_C14N)}</ds:Transforms>`
  const reference = `<ds:Reference URI="#${id}">${transforms}${method('DigestMethod', 'http://www.w3.org/2001/04/xmlenc#sha256')}<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>`
  const inner = `${method('CanonicalizationMethod', EXC_C14N)}${method('SignatureMethod', RSA_SHA256)}${reference}`
  const value = createSign('RSA-SHA256').update(`<ds:SignedInfo xmlns:ds="${DSIG}">${inner}</ds:SignedInfo>`).sign(key, 'base64')
  const signature = `<ds:Signature xmlns:ds="${DSIG}"><ds:SignedInfo>${inner}</ds:SignedInfo><ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>`
  return xml.replace('</saml:Issuer>', `</saml:Issuer>${signature}`)
}

/** Signed beside it, in the query of an address. */
export function signedQuery(
  xml: string,
  { key = IDP_KEY.key, algorithm = RSA_SHA256, relayState = 'at-the-idp' }: { key?: string; algorithm?: string; relayState?: string } = {},
): string {
  const message = deflateRawSync(xml).toString('base64')
  const query = Object.entries({ SAMLRequest: message, RelayState: relayState, SigAlg: algorithm })
  const text = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  const signature = createSign(algorithm.endsWith('sha1') ? 'RSA-SHA1' : 'RSA-SHA256').update(text).sign(key, 'base64')
  return `${text}&Signature=${encodeURIComponent(signature)}`
}

/** Whether the query of an address is signed by whoever has this certificate (bindings, 3.4.4.1), and the message in it. */
export function readSignedQuery(url: URL, certificate: string): { verified: boolean; xml: string } {
  const raw = url.search.slice(1).split('&')
  const of = (name: string) => raw.find((part) => part.startsWith(`${name}=`))
  const signed = [of('SAMLRequest') ?? of('SAMLResponse'), of('RelayState'), of('SigAlg')].filter((part) => part !== undefined).join('&')
  const message = url.searchParams.get('SAMLRequest') ?? url.searchParams.get('SAMLResponse') ?? ''
  const signature = Buffer.from(url.searchParams.get('Signature') ?? '', 'base64')
  return {
    verified: url.searchParams.get('SigAlg') === RSA_SHA256 && createVerify('RSA-SHA256').update(signed).verify(certificate, signature),
    xml: inflateRawSync(Buffer.from(message, 'base64')).toString('utf8'),
  }
}
