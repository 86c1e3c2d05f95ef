import type { ServerSession } from './cookie-sessions.js'

/** A header as Node's servers keep it. */
export function headerOf(headers: Record<string, string | string[] | undefined>, name: string): string | null {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : (value ?? null)
}

interface Carrier {
  auth?: unknown
  porticoSession?: ServerSession | null
}

/** `auth` too, so that what asks for the claims need not know whether they came with a cookie or a header. */
export function keepSession(request: object, session: ServerSession | null): void {
  Object.assign(request as Carrier, { auth: session?.claims ?? null, porticoSession: session })
}

/** The session that `cookieSessions` found; `null`: nobody is signed in. Throws where it did not run. */
export function sessionOf(request: object): ServerSession | null {
  const { porticoSession } = request as Carrier
  if (porticoSession === undefined) throw new Error('No session: is cookieSessions() in front of this route?')
  return porticoSession
}
