import { outsideText } from '@portico/kernel/outside-text'
import { OutboundError } from '@portico/outbound/outbound-error'
import * as oauth from 'oauth4webapi'
import { OAuthProblem } from './oauth-problem.js'

/** RFC 6749, 5.2, and GitHub's word for it. */
export const WRONG_CLIENT: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client', 'incorrect_client_credentials'])
/** The code was wrong, used or too old: nothing about the configuration. */
export const WRONG_CODE: ReadonlySet<string> = new Set(['invalid_grant', 'bad_verification_code'])
/** OpenID Connect Core, 3.1.2.6: the person would have to do something, and did not. */
const PERSON_IS_MISSING: ReadonlySet<string> = new Set([
  'consent_required',
  'interaction_required',
  'login_required',
  'account_selection_required',
])
/**
 * `access_denied` and what is in use instead: user_cancelled_login, user_cancelled_authorize (LinkedIn, Apple), user_denied,
 * authorization_declined, …
 */
const PERSON_SAYS_NO = /(^|_)(cancel|cancell?ed|deny|denied|decline|declined|reject|rejected)(_|$)/
/** No word of a person's language is this long and without a space; tokens and codes are. */
const TOKEN_LIKE = /[\w.~+/=-]{24,}/g
const CONFIGURATION = new Set<string>([
  oauth.MISSING_SERVER_METADATA,
  oauth.INVALID_SERVER_METADATA,
  oauth.HTTP_REQUEST_FORBIDDEN,
  oauth.REQUEST_PROTOCOL_FORBIDDEN,
])

/** What any failure on the way means. Every detail says something: the operator reads it in the audit log. */
export function toProblem(error: unknown): OAuthProblem {
  if (error instanceof OAuthProblem) return error
  if (error instanceof OutboundError) {
    return error.problem === 'not_allowed'
      ? new OAuthProblem('misconfigured', 'the provider has an address that must not be called', { cause: error })
      : new OAuthProblem('unavailable', error.problem, { cause: error })
  }
  if (error instanceof oauth.AuthorizationResponseError)
    return new OAuthProblem(authorizationKind(error.error), said(error.error, error.error_description), { cause: error })
  if (error instanceof oauth.ResponseBodyError) {
    if (error.status >= 500 || error.status === 429)
      return new OAuthProblem('unavailable', `the token endpoint answered ${error.status}`, { cause: error })
    const kind = WRONG_CLIENT.has(error.error) ? 'wrong_client' : WRONG_CODE.has(error.error) ? 'untrusted' : 'misconfigured'
    return new OAuthProblem(kind, said(error.error, error.error_description), { cause: error })
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError)
    return new OAuthProblem('wrong_client', 'the token endpoint asked for other credentials', { cause: error })
  const inner = error instanceof Error ? error.cause : undefined
  if (inner instanceof Response && (inner.status >= 500 || inner.status === 429))
    return new OAuthProblem('unavailable', `answered ${inner.status}`, { cause: error })
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    // The library's messages are fixed texts that name the field and never its value.
    return new OAuthProblem(error.code !== undefined && CONFIGURATION.has(error.code) ? 'misconfigured' : 'untrusted', error.message, {
      cause: error,
    })
  }
  return new OAuthProblem('untrusted', 'the answer failed a check', { cause: error })
}

function authorizationKind(error: string): OAuthProblem['kind'] {
  const code = error.toLowerCase().replaceAll(/[\s.-]+/g, '_')
  if (code === 'temporarily_unavailable' || code === 'server_error') return 'unavailable'
  return PERSON_IS_MISSING.has(code) || code === 'accessdenied' || PERSON_SAYS_NO.test(code) ? 'refused' : 'misconfigured'
}

/** An error code and its description, as far as they are fit for the audit log. */
export function said(error: unknown, description: unknown): string {
  const code = typeof error === 'string' && /^(?!(undefined|null)$)[\w. -]{1,64}$/.test(error) ? error : 'an error without a name'
  const text = outsideText(description, 240)
  return text === null ? code : `${code}: ${text.replaceAll(TOKEN_LIKE, '…')}`
}
