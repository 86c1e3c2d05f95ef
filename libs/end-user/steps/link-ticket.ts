import { linkTicketContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { MINUTE_SECONDS } from '@portico/kernel/duration'

const TTL_SECONDS = 5 * MINUTE_SECONDS

/** What a signed-in user wants to do at a provider, carried through the browser's address bar. */
export interface LinkWish {
  userId: string
  provider: string
  redirectTo: string
  codeChallenge: string
  appState: string | null
}

/**
 * A sealed text that only we can make or read. It gives no access by itself: the identity is linked when the app completes the link with
 * the session and the verifier it began with, so a user who is lured to another user's ticket links nothing.
 */
export function sealLinkTicket(box: SealedBox, projectId: string, wish: LinkWish, now: Date): string {
  const text = JSON.stringify({ ...wish, expires: now.getTime() + TTL_SECONDS * 1000 })
  return box.seal(text, linkTicketContext(projectId)).toString('base64url')
}

/** `null` for anything that is not a live ticket of this project and provider. */
export function openLinkTicket(box: SealedBox, projectId: string, ticket: string, provider: string, now: Date): LinkWish | null {
  try {
    const wish = JSON.parse(box.open(Buffer.from(ticket, 'base64url'), linkTicketContext(projectId)).toString('utf8')) as LinkWish & {
      expires: number
    }
    return wish.provider === provider && wish.expires > now.getTime() ? wish : null
  } catch {
    return null
  }
}
