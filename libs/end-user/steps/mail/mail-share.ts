import type { MailReputation } from '../../records/mail-reputation.store.js'

// Fewer say nothing: one typing error among three mails is no list of dead addresses.
const FEWEST_BOUNCED = 10
const FEWEST_COMPLAINED = 3
// Providers look closer at 5 % bounces and 0.1 % complaints, and close the account at 10 % and 0.5 %: everybody's account, here.
const MUCH = { bounced: 0.05, complained: 0.003 }
const TOO_MUCH = { bounced: 0.1, complained: 0.01 }

/** What share of its mail budget a project may use through the sender that all share. Its own sender is its own affair. */
export function mailShare({ sent, bounced, complained }: MailReputation): 1 | 0.1 | 0.01 {
  const isOver = (limit: typeof MUCH) =>
    (bounced >= FEWEST_BOUNCED && bounced > sent * limit.bounced) ||
    (complained >= FEWEST_COMPLAINED && complained > sent * limit.complained)
  return isOver(TOO_MUCH) ? 0.01 : isOver(MUCH) ? 0.1 : 1
}
