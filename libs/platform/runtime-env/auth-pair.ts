import { AuthError } from '@portico/kernel/auth-error'

export const AUTH_PAIR = ['AUTH_URL', 'AUTH_JWT_SECRET'] as const

/** How many of the pair the project has set itself. */
export function ownPairCount(ownNames: Iterable<string>): number {
  const own = new Set(ownNames)
  return AUTH_PAIR.filter((name) => own.has(name)).length
}

/** While managed auth is on, an own `AUTH_URL` beside a managed secret (or the other way round) could only fail at run time. */
export function assertWholePair(managed: boolean, ownNames: Iterable<string>): void {
  if (managed && ownPairCount(ownNames) === 1) throw new AuthError('mixed_auth_pair')
}
