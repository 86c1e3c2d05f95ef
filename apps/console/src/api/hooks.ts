import { queryOptions } from '@tanstack/react-query'
import { portico } from './portico.js'

export const hooksQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['project', projectId, 'hooks'],
    queryFn: async ({ signal }) => (await portico.hooks.list(projectId, { signal })).data,
    // A circuit opens and closes by itself.
    refetchInterval: 15_000,
  })
