import type { MailedLinkState } from '@portico/end-user/records/mailed-link.view'
import type { ErrorCode } from '@portico/kernel/auth-error'
import type { UseCases } from '../use-cases.js'
import type { Visit } from './hosted/visit.js'
import type { MailPagePurpose } from './mail-purpose.js'
import { refusalText } from './words/refusals.js'
import type { MessageKey } from './words/words.js'

export interface FollowedLink {
  purpose: MailPagePurpose | 'magic_link' | 'invitation'
  token: string
}

/** Which of the reasons it is that a mailed link does not work. */
export const LINK_STATES: Readonly<Record<MailedLinkState, MessageKey>> = {
  used: 'link_state.used',
  replaced: 'link_state.replaced',
  expired: 'link_state.expired',
  unknown: 'link_state.unknown',
  // It was good a moment ago, and something else was not.
  good: 'refused.link_spent',
}

/** What a person is told of a mailed link that does not work: which of the reasons it is. */
export async function whyRefused(
  use: Pick<UseCases, 'readMailedLink'>, visit: Visit, { purpose, token }: FollowedLink, code: ErrorCode,
): Promise<string> {
  if (code !== 'invalid_or_expired_token') return refusalText(visit.words, code)
  const { state, savedLocale } = await use.readMailedLink.execute(visit.project, purpose, token)
  visit.speak(savedLocale)
  return visit.say(LINK_STATES[state])
}
