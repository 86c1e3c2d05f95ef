import type { FinishedOAuth } from '@portico/end-user/ways-in/oauth/finish-oauth'
import { appendToUrl } from '@portico/kernel/append-to-url'

/** Back to the app with a code, or with an error (RFC 6749, 4.1.2.1); `null`: no app is waiting, the sign-in began on our own page. */
export function oauthRedirect({ redirectTo, appState, code, refusal }: FinishedOAuth): string | null {
  if (redirectTo === null) return null
  return appendToUrl(redirectTo, {
    ...(code === null ? {} : { code }),
    ...(refusal === null ? {} : { error: refusal.code, error_description: refusal.message }),
    ...(appState === null ? {} : { state: appState }),
  })
}
