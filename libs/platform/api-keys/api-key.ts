import { digestToken } from '@portico/crypto/token-digest'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'

const FORM = /^msk_(live|test)_[A-Za-z0-9_-]{43}$/
const PREFIX_LENGTH = 12

export function isApiKey(text: string): boolean {
  return FORM.test(text)
}

/** A new key with 256 bits of entropy; the text is shown once, only its digest is stored. */
export function mintApiKey(mode: 'live' | 'test', entropy: Entropy): string {
  return `msk_${mode}_${opaqueToken(entropy)}`
}

/** What is stored of a key: digest and the first 12 characters. */
export function storedForm(key: string): { digest: Uint8Array<ArrayBuffer>; prefix: string } {
  return { digest: new Uint8Array(digestToken(key)), prefix: key.slice(0, PREFIX_LENGTH) }
}
