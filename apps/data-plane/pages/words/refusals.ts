import type { SignInRefusalCode } from '@portico/end-user/steps/sign-in-refusal'
import type { ErrorCode } from '@portico/kernel/auth-error'
import { isMessageKey, type Words } from './words.js'

/** What a person is told of a refusal; the sentences of the catalogue of errors are for developers. */
export function refusalText(words: Words, code: ErrorCode | SignInRefusalCode): string {
  const key = `refused.${code}`
  return words.say(isMessageKey(key) ? key : 'refused.other')
}

/** Why a new password was refused, by the reason that the policy gives. */
export function weakPasswordText(words: Words, reason: string | undefined): string {
  const key = `weak.${reason ?? ''}`
  return words.say(isMessageKey(key) ? key : 'refused.weak_password')
}
