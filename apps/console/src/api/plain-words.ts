import { isPorticoError } from '@portico/sdk'

export interface PlainError {
  title: string
  detail: string
  /** Names the request in the logs. */
  requestId: string | null
  fields: Record<string, string>
}

const TITLES: Record<string, string> = {
  network_error: 'The control plane could not be reached',
  timeout: 'The control plane took too long to answer',
  unauthenticated: 'You are no longer signed in',
  insufficient_scope: 'Your role does not allow this',
  forbidden: 'Your role does not allow this',
  not_found: 'It does not exist, or no longer',
  rate_limited: 'Too many requests at once',
  unavailable: 'The control plane cannot reach its database right now',
  overloaded: 'The control plane is busy',
  internal_error: 'The control plane made a mistake',
  validation_error: 'Some fields are not right',
  email_taken: 'That address already has an account here',
  auth_not_enabled: 'Auth is off in this project',
  passkeys_stranded: 'People would be locked out',
  users_stranded: 'People would be locked out',
  console_lockout: 'Nobody could sign in that way',
  last_owner: 'Somebody has to own this',
  rotation_in_progress: 'A rotation is already under way',
}

/** What a failed call says to a person: what it was, what the server said about it, and the id to quote. */
export function inPlainWords(error: unknown): PlainError {
  if (isPorticoError(error)) {
    const fields = Object.fromEntries(error.details.map(({ field, message }) => [field, message]))
    const details = error.details.map(({ field, message }) => `${field}: ${message}`).join(' ')
    const wait = error.retryAfterSeconds === null ? '' : ` Try again in ${error.retryAfterSeconds} s.`
    return {
      title: TITLES[error.code] ?? 'That did not work',
      detail: (details || error.message) + wait,
      requestId: error.requestId,
      fields,
    }
  }
  const detail = error instanceof Error ? error.message : String(error)
  return { title: 'That did not work', detail, requestId: null, fields: {} }
}
