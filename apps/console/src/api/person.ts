import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { portico } from './portico.js'
import { toast } from '../ui/toast.js'

export const personQuery = (projectId: string, userId: string) =>
  queryOptions({
    queryKey: ['project', projectId, 'person', userId],
    queryFn: ({ signal }) => portico.users.get(projectId, userId, { signal }),
  })

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
