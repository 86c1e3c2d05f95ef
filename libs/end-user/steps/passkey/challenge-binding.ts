/** What a passkey's challenge belongs to. An answer to it counts there and nowhere else. */
export function sessionBinding(sessionId: string): string {
  return `session ${sessionId}`
}

/** A sign-in that waits for its second factor. */
export function pendingBinding(mfaTokenDigest: Buffer): string {
  return `sign_in ${mfaTokenDigest.toString('hex')}`
}

/** No user is named yet. */
export const UNBOUND = ''
