import { isPorticoAuthError, PorticoAuthError } from './portico-auth-error.js'
import type { KeptSession } from './session.js'

export type AuthEvent = 'INITIAL_SESSION' | 'SIGNED_IN' | 'SIGNED_OUT' | 'TOKEN_REFRESHED' | 'USER_UPDATED'

export const notSignedIn = () => new PorticoAuthError({ code: 'not_signed_in', message: 'No user is signed in.', status: 401 })

export function changeBetween(before: KeptSession | null, after: KeptSession | null): AuthEvent | null {
  if (!after) return before ? 'SIGNED_OUT' : null
  if (before?.userId !== after.userId) return 'SIGNED_IN'
  return before.accessToken === after.accessToken ? 'USER_UPDATED' : 'TOKEN_REFRESHED'
}

export const addressOf = (user: KeptSession['user']) => user.email + user.emailVerified

export function isSameSession(one: KeptSession | null, other: KeptSession | null): boolean {
  return one?.userId === other?.userId && one?.refreshToken === other?.refreshToken
}

export function mayPass(error: unknown): boolean {
  return isPorticoAuthError(error) && (error.status === 0 || error.status === 429 || error.status >= 500)
}

export function isOver(error: unknown): boolean {
  return isPorticoAuthError(error) && error.status === 401 && (error.code === 'session_ended' || error.code === 'invalid_token')
}
