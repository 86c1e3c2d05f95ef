import { digestToken } from '@portico/crypto/token-digest'

/** By which a session remembers whom an assertion named, in hex: a logout names them again, and nobody else has to read it. */
export function nameDigest(nameId: string): string {
  return digestToken(`saml name ${nameId}`).toString('hex')
}
