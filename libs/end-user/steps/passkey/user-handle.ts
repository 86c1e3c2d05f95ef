/** What authenticators keep as the user: the 16 bytes of the id, which say nothing about the person (WebAuthn, 14.6.1). */
export function userHandleOf(userId: string): Buffer {
  return Buffer.from(userId.replaceAll('-', ''), 'hex')
}
