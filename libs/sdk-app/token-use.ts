import { isPorticoAuthError, type PorticoAuthError } from './portico-auth-error.js'
import type { KeptSession, Session } from './session.js'

export function isTokenRefused(error: unknown): error is PorticoAuthError {
  return isPorticoAuthError(error) && error.status === 401 && ['invalid_token', 'session_ended', 'unauthenticated'].includes(error.code)
}

export function withToken(request: Request, token: string): Request {
  const headers = new Headers(request.headers)
  headers.set('Authorization', `Bearer ${token}`)
  return new Request(request, { headers })
}

export function pageOrigin(): string[] {
  return typeof location === 'undefined' || !location.origin.startsWith('http') ? [] : [location.origin]
}

export function pageUrl(): string | undefined {
  return typeof document === 'undefined' ? undefined : document.baseURI
}

export function publicSession({ localExpiry: _localExpiry, ...session }: KeptSession): Session {
  return session
}

/** Whether a call of this session may be tried again with that one: another token of the same user. */
export function isNextOf(session: KeptSession, next: KeptSession | null): next is KeptSession {
  return next !== null && next.userId === session.userId && next.accessToken !== session.accessToken
}
