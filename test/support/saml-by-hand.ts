import { createCipheriv, constants, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto'
import { IDP_ENTITY, type AskedSaml } from './saml-idp.js'
import { signedWithin } from './saml-logout.js'

/**
 * An assertion as text, in the canonical form, so that a test may change any letter of it before it is signed: what no library for identity
 * providers would ever write, or writes in one way only.
 */
export function assertionByHand(asked: AskedSaml, { nameId, email }: { nameId: string; email: string }): string {
  const at = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString()
  const parts = [
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${randomBytes(16).toString('hex')}" IssueInstant="${at(0)}" Version="2.0">`,
    `<saml:Issuer>${IDP_ENTITY}</saml:Issuer>`,
    `<saml:Subject><saml:NameID>${nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">`,
    `<saml:SubjectConfirmationData InResponseTo="${asked.id}" NotOnOrAfter="${at(300)}" Recipient="${asked.acsUrl}"></saml:SubjectConfirmationData>`,
    '</saml:SubjectConfirmation></saml:Subject>',
    `<saml:Conditions NotBefore="${at(-5)}" NotOnOrAfter="${at(300)}">`,
    `<saml:AudienceRestriction><saml:Audience>${asked.issuer}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
    `<saml:AuthnStatement AuthnInstant="${at(0)}" SessionIndex="s-1"><saml:AuthnContext>`,
    '<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>',
    `<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>${email}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`,
    '</saml:Assertion>',
  ]
  return parts.join('')
}

/** Around one assertion, or what is put in its place. */
export function responseByHand(asked: AskedSaml, inner: string): string {
  const now = new Date().toISOString()
  return [
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="${asked.acsUrl}" ID="_${randomBytes(16).toString('hex')}"`,
    ` InResponseTo="${asked.id}" IssueInstant="${now}" Version="2.0">`,
    `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${IDP_ENTITY}</saml:Issuer>`,
    '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>',
    `${inner}</samlp:Response>`,
  ].join('')
}

/** The good one, changed before it was signed. */
export function signedByHand(
  asked: AskedSaml,
  person: { nameId: string; email: string },
  edit: (assertion: string) => string = (assertion) => assertion,
): string {
  return responseByHand(asked, signedWithin(edit(assertionByHand(asked, person))))
}

const XENC = 'http://www.w3.org/2001/04/xmlenc#'

/** A NameID for whoever has this certificate (core, 2.2.4): AES-256-GCM, its key by RSA-OAEP. */
export function encryptedId(nameId: string, certificate: string, inner = nameIdOf(nameId)): string {
  const [key, iv] = [randomBytes(32), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const text = Buffer.concat([iv, cipher.update(inner, 'utf8'), cipher.final(), cipher.getAuthTag()])
  const { publicKey } = new X509Certificate(certificate)
  const wrapped = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, key)
  const value = (bytes: Buffer) => `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`
  const method = (algorithm: string, more = '') => `<xenc:EncryptionMethod Algorithm="${algorithm}">${more}</xenc:EncryptionMethod>`
  const digest = '<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"></ds:DigestMethod>'
  return [
    `<saml:EncryptedID><xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element">${method('http://www.w3.org/2009/xmlenc11#aes256-gcm')}`,
    `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>${method(`${XENC}rsa-oaep-mgf1p`, digest)}`,
    `${value(wrapped)}</xenc:EncryptedKey></ds:KeyInfo>${value(text)}</xenc:EncryptedData></saml:EncryptedID>`,
  ].join('')
}

function nameIdOf(nameId: string): string {
  return `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${nameId}</saml:NameID>`
}
