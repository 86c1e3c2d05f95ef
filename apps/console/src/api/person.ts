import type { EndUser } from '@portico/sdk'
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { portico } from './portico.js'
import { toast } from '../ui/toast.js'

const FEW = 8

export const personQuery = (projectId: string, userId: string) =>
  queryOptions({
    queryKey: ['project', projectId, 'person', userId],
    queryFn: ({ signal }) => portico.users.get(projectId, userId, { signal }),
  })

/** The first few whose address begins so, for a field in which one is named. */
export const beginningQuery = (projectId: string, beginning: string) =>
  queryOptions({
    queryKey: ['project', projectId, 'people', 'beginning', beginning],
    queryFn: async ({ signal }) => (await portico.users.list(projectId, { search: beginning, limit: FEW }, { signal })).data,
    enabled: beginning.length > 1,
  })

/** Who has an account with exactly this address. */
export async function personByAddress(projectId: string, address: string): Promise<EndUser | null> {
  const wanted = address.trim().toLowerCase()
  const { data } = await portico.users.list(projectId, { search: wanted, limit: FEW })
  return data.find(({ email }) => email.toLowerCase() === wanted) ?? null
}

/** A change of one person: everything that is shown of them is read anew, and only then is it said that it worked. */
export function usePersonAction<In, Out>(projectId: string, userId: string, run: (input: In) => Promise<Out>, said: (out: Out) => string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: async (out) => {
      await client.invalidateQueries({ queryKey: ['project', projectId, 'person', userId] })
      void client.invalidateQueries({ queryKey: ['project', projectId, 'people'] })
      toast.done(said(out))
    },
    onError: toast.failed,
  })
}
