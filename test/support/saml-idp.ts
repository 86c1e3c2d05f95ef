import { X509Certificate } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import samlp from 'samlp'
import { IDP_KEY } from './saml-keys.js'

export const IDP_ENTITY = 'https://idp.acme.test/saml'

/** What the browser brought to the identity provider. */
export interface AskedSaml {
  id: string
  acsUrl: string
  issuer: string
  relayState: string
  xml: string
}

export interface SaidSaml {
  nameId?: string
  nameIdFormat?: string
  attributes?: Record<string, unknown>
  issuer?: string
  audience?: string
  recipient?: string
  destination?: string
  inResponseTo?: string
  lifetimeInSeconds?: number
  signed?: 'assertion' | 'response' | 'both' | 'none'
  algorithm?: 'sha256' | 'sha1'
  keys?: { key: string; cert: string }
  sessionIndex?: string
  /** A certificate of the service provider's, PEM. */
  encryptFor?: string
}

/** By redirect, or in the hidden fields of a form. */
export function readSamlRequest({ url, form }: { url?: URL; form?: string }): AskedSaml {
  const field = (name: string) => form?.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1]?.replaceAll('&#43;', '+') ?? ''
  const encoded = url ? (url.searchParams.get('SAMLRequest') ?? '') : field('SAMLRequest')
  const bytes = Buffer.from(encoded, 'base64')
  const xml = (url ? inflateRawSync(bytes) : bytes).toString('utf8')
  const read = (form: RegExp) => form.exec(xml)?.[1] ?? ''
  return {
    id: read(/ ID="([^"]+)"/),
    acsUrl: read(/AssertionConsumerServiceURL="([^"]+)"/),
    issuer: read(/Issuer[^>]*>([^<]+)</),
    relayState: url ? (url.searchParams.get('RelayState') ?? '') : field('RelayState'),
    xml,
  }
}

/** A response by `samlp`, the identity provider's side that Auth0 runs; whatever is not said is as it should be. */
export function samlXml(asked: AskedSaml, said: SaidSaml = {}): Promise<string> {
  const { signed = 'assertion', algorithm = 'sha256', keys = IDP_KEY } = said
  const options = {
    issuer: said.issuer ?? IDP_ENTITY,
    audience: said.audience ?? asked.issuer,
    recipient: said.recipient ?? asked.acsUrl,
    destination: said.destination ?? asked.acsUrl,
    inResponseTo: said.inResponseTo ?? asked.id,
    lifetimeInSeconds: said.lifetimeInSeconds ?? 300,
    signAssertion: signed === 'assertion' || signed === 'both',
    signResponse: signed === 'response' || signed === 'both',
    signatureAlgorithm: `rsa-${algorithm}`,
    digestAlgorithm: algorithm,
    ...keys,
    ...(said.sessionIndex !== undefined && { sessionIndex: said.sessionIndex }),
    ...(said.encryptFor !== undefined && encryption(said.encryptFor)),
    profileMapper: () => ({
      getClaims: () => said.attributes ?? {},
      getNameIdentifier: () => ({
        nameIdentifier: said.nameId ?? 'person-1',
        nameIdentifierFormat: said.nameIdFormat ?? 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      }),
    }),
  }
  return new Promise((done, fail) => {
    samlp.getSamlResponse(options, {}, (error, response) => {
      if (response === undefined) fail(error ?? new Error('no response'))
      else done(response)
    })
  })
}

function encryption(certificate: string) {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' })
  return { encryptionPublicKey: Buffer.from(key), encryptionCert: Buffer.from(certificate) }
}

export const inBase64 = (xml: string): string => Buffer.from(xml, 'utf8').toString('base64')

/** Metadata as identity providers publish them. */
export function idpMetadata({ entityId = IDP_ENTITY, ssoUrl = 'http://127.0.0.1:9/sso', certificates = [IDP_KEY.cert], post = false, more = '' } = {}): string {
  const keys = certificates.map((pem) => {
    const base64 = pem.replace(/-----[^-]+-----|\s/g, '')
    return `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
  })
  return `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join('')}${more}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-${post ? 'POST' : 'Redirect'}" Location="${ssoUrl}"/></md:IDPSSODescriptor></md:EntityDescriptor>`
}
