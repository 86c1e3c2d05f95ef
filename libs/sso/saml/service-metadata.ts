import { POST_BINDING, REDIRECT_BINDING } from './names.js'

/** Who we are to the identity provider of one connection. */
export interface ServiceDescription {
  entityId: string
  acsUrl: string
  /** `null`: it cannot sign anybody out here. */
  sloUrl: string | null
  signsRequests: boolean
  /** PEM, the newest first: an identity provider that encrypts takes the first. */
  certificates: readonly string[]
}

const CONTENT_METHODS = ['2009/xmlenc11#aes256-gcm', '2009/xmlenc11#aes128-gcm', '2001/04/xmlenc#aes256-cbc', '2001/04/xmlenc#aes128-cbc']
const KEY_METHOD = '2001/04/xmlenc#rsa-oaep-mgf1p'

/** Our metadata (metadata, 2.4.4). */
export function samlMetadata({ entityId, acsUrl, sloUrl, signsRequests, certificates }: ServiceDescription): string {
  const signing = certificates.map((pem) => keyDescriptor('signing', pem, ''))
  const methods = [...CONTENT_METHODS, KEY_METHOD].map((name) => `<md:EncryptionMethod Algorithm="http://www.w3.org/${name}"/>`).join('')
  const encryption = certificates.map((pem) => keyDescriptor('encryption', pem, methods))
  const logout = (binding: string) => `<md:SingleLogoutService Binding="${binding}" Location="${attribute(sloUrl ?? '')}"/>`
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${attribute(entityId)}">`,
    `<md:SPSSODescriptor AuthnRequestsSigned="${signsRequests}" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`,
    ...signing,
    ...encryption,
    ...(sloUrl === null ? [] : [logout(REDIRECT_BINDING), logout(POST_BINDING)]),
    `<md:AssertionConsumerService index="1" isDefault="true" Binding="${POST_BINDING}" Location="${attribute(acsUrl)}"/>`,
    '</md:SPSSODescriptor>',
    '</md:EntityDescriptor>',
  ]
  return `${lines.join('\n')}\n`
}

function keyDescriptor(use: 'signing' | 'encryption', pem: string, methods: string): string {
  const base64 = pem.replace(/-----[^-]+-----|\s/g, '')
  const info = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
  return `<md:KeyDescriptor use="${use}">${info}${methods}</md:KeyDescriptor>`
}

const attribute = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
