import { queryOptions, useQuery } from '@tanstack/react-query'

export type AccessMode = 'open' | 'token' | 'password' | 'oidc'

/** `GET /api/v1/console/session`: who reads this page, and what the pages may offer. */
export interface ConsoleSession {
  mode: AccessMode
  signedIn: boolean
  setupRequired: boolean
  demo: boolean
  signInUrl: string | null
  /** Mode `oidc`: for members who may use a password or passkey while the issuer is down. */
  localSignInUrl: string | null
  /** The environment says the mode; it cannot be chosen here. */
  modeIsConfigured: boolean
  user: { id: string; email: string; name: string | null } | null
  role: string | null
  permissions: string[]
  tenant: { id: string; name: string } | null
  tenants: { id: string; name: string; role: string }[]
  publicUrl: string
  version: string
  /** Development: whether mails are kept to be looked at. */
  devInbox: boolean
}

interface SessionOnWire {
  mode: AccessMode
  signed_in: boolean
  setup_required?: boolean
  demo?: boolean
  sign_in_url?: string | null
  local_sign_in_url?: string | null
  mode_is_configured?: boolean
  user?: { id: string; email: string; name: string | null } | null
  role?: string | null
  permissions?: string[]
  tenant?: { id: string; name: string } | null
  tenants?: { id: string; name: string; role: string }[]
  public_url?: string
  version?: string
  dev_inbox?: boolean
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

/** The routes below `/api/v1/console` make and end the cookie; everything else goes through the SDK. */
export async function callConsole<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const response = await fetch(`/api/v1/console/${path}`, {
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
    localSignInUrl: wire.local_sign_in_url ?? null,
    modeIsConfigured: wire.mode_is_configured ?? true,
    user: wire.user ?? null,
    role: wire.role ?? null,
    permissions: wire.permissions ?? [],
    tenant: wire.tenant ?? null,
    tenants: wire.tenants ?? [],
    publicUrl: wire.public_url ?? location.origin,
    version: wire.version ?? '',
    devInbox: wire.dev_inbox ?? false,
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
  return session.permissions.includes(permission)
}
