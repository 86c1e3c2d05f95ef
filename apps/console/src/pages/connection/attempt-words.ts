import type { SsoAttempt } from '@portico/sdk'
import type { Tone } from '../../ui/badge.js'

type Report = NonNullable<SsoAttempt['report']>

export const STATES: Record<SsoAttempt['state'], [word: string, tone: Tone]> = {
  waiting: ['not opened', 'neutral'],
  started: ['at the identity provider', 'accent'],
  accepted: ['accepted', 'good'],
  refused: ['refused', 'bad'],
}

export const CHECKS: Record<Report['checks'][number]['check'], string> = {
  answer: 'Its answer is genuine and meant for us',
  mapping: 'It says who the person is',
  account: 'There is an account for them',
}

export const ACCOUNTS: Record<NonNullable<Report['account']>, [real: string, test: string]> = {
  known: ['the one that they have', 'the one that they have'],
  joined: ['the one with this address was joined', 'the one with this address would be joined'],
  created: ['one was made', 'one would be made'],
}

/** What an app is told, as a sentence. */
const REFUSALS: Record<string, string> = {
  access_denied: 'The identity provider said no, or the account is disabled.',
  email_missing: 'No address came that an account could be known by.',
  email_not_verified: 'The address is not in a proven domain of this connection.',
  email_taken: 'Another account has this address.',
  identity_taken: 'The account belongs to somebody else of this identity provider.',
  provider_not_enabled: 'The connection is a draft, or was removed.',
  server_error: 'The answer of the identity provider could not be used.',
  signups_disabled: 'They have no account, and this connection makes none.',
  temporarily_unavailable: 'The identity provider could not be reached.',
}

/** Why somebody did not come in; null where they did. */
export function refusalOf({ refusal, detail }: Report): string | null {
  if (detail) return detail[0]!.toUpperCase() + detail.slice(1)
  return refusal === null ? null : (REFUSALS[refusal] ?? refusal.replaceAll('_', ' '))
}
