import type { Hook, HookName, HookTest } from '@portico/sdk'
import type { Tone } from '../../ui/badge.js'

/** What somebody is asked, in the words of who answers; a hook that a later version adds stands under its own name. */
const WORDS: Partial<Record<string, { title: string; asked: string; adds?: string }>> = {
  before_sign_up: { title: 'Before a sign-up', asked: 'Somebody wants an account, by whatever way.', adds: 'The answer may add app metadata.' },
  before_sign_in: { title: 'Before a sign-in', asked: 'A first factor is proved: before the session, or before the second factor is asked.' },
  before_password_change: { title: 'Before a password changes', asked: 'It is changed, reset, or set by an invitation or an operator; it is not told.' },
  token_claims: { title: 'Claims of tokens', asked: 'A session begins: claims of the app for its access tokens.', adds: 'Up to 2 KB.' },
  send_mail: { title: 'Sending mail', asked: 'A mail is handed over, rendered, instead of being sent.', adds: 'It holds links that sign in.' },
  on_new_device: { title: 'On a new device', asked: 'Somebody came in from a browser or place that their account did not know.' },
}

export const hookWords = (name: HookName) => WORDS[name] ?? { title: name.replaceAll('_', ' '), asked: '' }

/** In one word, with its colour. An endpoint that did not answer five times in a row is left alone for a while: the circuit is open. */
export function hookState(hook: Hook | undefined): [word: string, tone: Tone] {
  if (!hook) return ['nobody is asked', 'neutral']
  if (!hook.enabled) return ['off', 'neutral']
  return hook.failingSince === null ? ['on', 'good'] : ['circuit open', 'bad']
}

export const ON_FAILURE: Record<Hook['onFailure'], string> = {
  deny: 'Refuse: nobody comes past the question',
  allow: 'Go on: as if the answer was yes',
}

const REASONS: Record<string, string> = {
  unreachable: 'Nobody answered at that address.',
  too_slow: 'There was no answer within five seconds.',
  too_large: 'The answer was larger than 64 KB.',
  not_allowed: 'The address leads into an inner network, which is never asked.',
  busy: 'Fifty questions of this project are open already.',
  circuit_open: 'The endpoint did not answer five times in a row, and is left alone for 30 seconds.',
  refused: 'It answered with another status than 200. Does it check the signature with the right secret?',
  invalid_answer: 'It answered something that is no decision: {"decision": "allow"} or {"decision": "deny", "message": "…"}.',
  failed: 'It could not be asked.',
}

/** What came back, in plain words. */
export function testResult({ answered, reason, decision, message }: HookTest): { good: boolean; text: string } {
  if (!answered) return { good: false, text: REASONS[reason ?? ''] ?? REASONS['failed']! }
  const said = message === null ? '' : ` It said: ${message}`
  return { good: true, text: decision === 'allow' ? `It answers, and lets somebody made up in.${said}` : `It answers, and refuses somebody made up.${said}` }
}
