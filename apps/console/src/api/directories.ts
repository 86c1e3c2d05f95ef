import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { toast } from '../ui/toast.js'
import { portico } from './portico.js'

export const directoriesKey = (projectId: string) => ['project', projectId, 'directories']

export const directoriesQuery = (projectId: string) =>
  queryOptions({
    queryKey: [...directoriesKey(projectId), 'list'],
    queryFn: async ({ signal }) => (await portico.directories.list(projectId, {}, { signal })).data,
  })

export const directoryQuery = (projectId: string, id: string) =>
  queryOptions({
    queryKey: [...directoriesKey(projectId), id, 'self'],
    queryFn: ({ signal }) => portico.directories.get(projectId, id, { signal }),
  })

export const directoryTokensQuery = (projectId: string, id: string) =>
  queryOptions({
    queryKey: [...directoriesKey(projectId), id, 'tokens'],
    queryFn: async ({ signal }) => (await portico.directories.tokens(projectId, id, { signal })).data,
  })

export function useDirectoryAction<In, Out>(
  projectId: string,
  run: (input: In) => Promise<Out>,
  said: (out: Out) => string,
  onError: (error: Error) => void = toast.failed,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: async (out) => {
      await client.invalidateQueries({ queryKey: directoriesKey(projectId) })
      toast.done(said(out))
    },
    onError,
  })
}
