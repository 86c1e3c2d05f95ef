import { createVerify, X509Certificate } from 'node:crypto'

/** What a peer signs with, as far as it matters here. Nobody has to vouch for it: it is trusted because it was given to us. */
export interface Certificate {
  pem: string
  notAfter: Date
  /** SHA-256, in hex. */
  fingerprint: string
}

const MIN_RSA_BITS = 2_048
const MAX_LENGTH = 16_384

/** Reads PEM, or base64 without its frame, as it stands in SAML metadata. `null` for what is none, and for keys that are too weak. */
export function readCertificate(text: string): Certificate | null {
  if (text.length > MAX_LENGTH) return null
  const base64 = text.replace(/-----(BEGIN|END) CERTIFICATE-----/g, '').replace(/\s+/g, '')
  if (base64 === '' || !/^[A-Za-z0-9+/]+=*$/.test(base64)) return null
  try {
    const certificate = new X509Certificate(Buffer.from(base64, 'base64'))
    const { publicKey } = certificate
    // Signatures in XML are verified with RSA alone.
    if (publicKey.asymmetricKeyType !== 'rsa' || (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS) return null
    const lines = certificate.raw.toString('base64').match(/.{1,64}/g) ?? []
    return {
      pem: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
      notAfter: new Date(certificate.validTo),
      fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    }
  } catch {
    return null
  }
}

/** Whether the key of the certificate (PEM) has signed the text; RSA with PKCS #1 padding. */
export function isSignedBy(pem: string, hash: 'SHA256' | 'SHA512', text: string, signature: Buffer): boolean {
  return createVerify(`RSA-${hash}`).update(text).verify(pem, signature)
}
