import { isPorticoError } from '@portico/sdk'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { sessionQuery } from './session.js'

/** A session that ended shows the gate again, whichever call heard of it first. */
function hear(error: unknown): void {
  if (isPorticoError(error, 'unauthenticated')) void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: hear }),
  mutationCache: new MutationCache({ onError: hear }),
  // The SDK tries again by itself what is worth it.
  defaultOptions: { queries: { retry: false, staleTime: 10_000, refetchOnWindowFocus: true }, mutations: { retry: false } },
})
