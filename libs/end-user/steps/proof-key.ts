import { constantTimeEqual } from '@portico/crypto/constant-time'
import { digestToken } from '@portico/crypto/token-digest'
import { invalidField } from '@portico/kernel/auth-error'

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/ // RFC 7636, 4.1

/** Throws `validation_error` unless this can be an S256 challenge. The plain method does not exist here (RFC 9700, 2.1.1). */
export function checkCodeChallenge(challenge: string, method: string | undefined): void {
  if (method !== undefined && method !== 'S256') throw invalidField('codeChallengeMethod', 'not_allowed', 'Only S256 is supported.')
  if (!CHALLENGE.test(challenge))
    throw invalidField('codeChallenge', 'invalid_format', 'This must be the S256 challenge of a code verifier (43 characters).')
}

/** Whether the verifier belongs to the challenge (RFC 7636, 4.6), in constant time. */
export function provesKey(codeVerifier: string, codeChallenge: string): boolean {
  return VERIFIER.test(codeVerifier) && constantTimeEqual(digestToken(codeVerifier).toString('base64url'), codeChallenge)
}
