import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ConsoleSession } from '@portico/sdk'
import { portico } from './portico.js'

export type { ConsoleSession } from '@portico/sdk'
export type AccessMode = ConsoleSession['mode']

/** Who reads this page, and what the pages may offer. */
export const sessionQuery = queryOptions({
  queryKey: ['console-session'],
  queryFn: ({ signal }) => portico.console.session({ signal }),
  staleTime: 60_000,
})

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
  return (session.permissions as readonly string[]).includes(permission)
}
