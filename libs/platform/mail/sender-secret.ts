import type { SenderKind } from '../records/mail-sender.store.js'

/** What is sealed of a sender. */
export interface SenderSecret {
  /** Password or API key. */
  secret: string
  /** Of the owner's own webhook at Resend; `null`: none. */
  webhookSecret: string | null
}

/** One text for the one sealed column: a key alone, or both as JSON, which no key of Resend looks like. */
export function packSecret({ secret, webhookSecret }: SenderSecret): string {
  return webhookSecret === null ? secret : JSON.stringify({ secret, webhookSecret })
}

export function unpackSecret(kind: SenderKind, text: string): SenderSecret {
  // A password of a mail server may look like anything.
  if (kind !== 'resend' || !text.startsWith('{')) return { secret: text, webhookSecret: null }
  return JSON.parse(text) as SenderSecret
}
