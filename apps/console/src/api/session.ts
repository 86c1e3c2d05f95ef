import { queryOptions, useQuery } from '@tanstack/react-query'

export type AccessMode = 'open' | 'token' | 'password' | 'oidc'

/** `GET /console/session`: who reads this page, and what the pages may offer. */
export interface ConsoleSession {
  mode: AccessMode
  signedIn: boolean
  setupRequired: boolean
  demo: boolean
  signInUrl: string | null
  user: { id: string; email: string } | null
  role: string | null
  permissions: string[]
  tenant: { id: string; name: string } | null
  banner: string | null
  publicUrl: string
  version: string
}

interface SessionOnWire {
  mode: AccessMode
  signed_in: boolean
  setup_required?: boolean
  demo?: boolean
  sign_in_url?: string | null
  user?: { id: string; email: string } | null
  role?: string | null
  permissions?: string[]
  tenant?: { id: string; name: string } | null
  banner?: string | null
  public_url?: string
  version?: string
}

/** A refusal of one of the console's own routes, in the words of the server. */
export class ConsoleRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** The routes below `/console` make and end the cookie; everything else goes through the SDK. */
export async function callConsole<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const response = await fetch(`/console/${path}`, {
    method,
    headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer = (await response.json().catch(() => null)) as { data?: T; error?: { code?: string; message?: string } } | null
  if (!response.ok) {
    const { code = 'invalid_response', message = `The control plane answered ${response.status}.` } = answer?.error ?? {}
    throw new ConsoleRefusal(response.status, code, message)
  }
  return (answer?.data ?? answer) as T
}

export const sessionQuery = queryOptions({
  queryKey: ['console-session'],
  queryFn: async () => read(await callConsole<SessionOnWire>('GET', 'session')),
  staleTime: 60_000,
})

function read(wire: SessionOnWire): ConsoleSession {
  return {
    mode: wire.mode,
    signedIn: wire.signed_in,
    setupRequired: wire.setup_required ?? false,
    demo: wire.demo ?? false,
    signInUrl: wire.sign_in_url ?? null,
    user: wire.user ?? null,
    role: wire.role ?? null,
    permissions: wire.permissions ?? [],
    tenant: wire.tenant ?? null,
    banner: wire.banner ?? null,
    publicUrl: wire.public_url ?? location.origin,
    version: wire.version ?? '',
  }
}

export function useSession(): ConsoleSession {
  const { data } = useQuery(sessionQuery)
  if (!data) throw new Error('the gate shows pages only once the session is known')
  return data
}

/** Whether the reader may do it. The server decides again at every call; this only greys a button out. */
export function useCan(permission: string): boolean {
  return may(useSession(), permission)
}

export function may(session: ConsoleSession, permission: string): boolean {
  return session.permissions.includes(permission) || session.permissions.includes('*')
}
