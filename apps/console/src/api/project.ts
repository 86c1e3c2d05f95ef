import { queryOptions, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { isPorticoError, type AuthService, type Project } from '@portico/sdk'
import { portico } from './portico.js'

export const projectQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['project', projectId],
    queryFn: ({ signal }) => portico.projects.get(projectId, { signal }),
    staleTime: 60_000,
  })

/** `null` where auth was never turned on. */
export const authQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['project', projectId, 'auth'],
    queryFn: async ({ signal }): Promise<AuthService | null> => {
      try {
        return await portico.projects.auth.get(projectId, { signal })
      } catch (error) {
        if (isPorticoError(error, 'auth_not_enabled') || isPorticoError(error, 'not_found')) return null
        throw error
      }
    },
  })

export function useProjectId(): string {
  return (useParams({ strict: false }) as { projectId: string }).projectId
}

/** The project that the address names; its frame has loaded it. */
export function useProject(): Project {
  const { data } = useQuery(projectQuery(useProjectId()))
  if (!data) throw new Error('the frame of a project shows pages only once the project is known')
  return data
}
