import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { toast } from '../ui/toast.js'
import { portico } from './portico.js'

export const organizationsKey = (projectId: string) => ['project', projectId, 'organizations']
export const organizationKey = (projectId: string, id: string) => [...organizationsKey(projectId), id]

export const organizationQuery = (projectId: string, id: string) =>
  queryOptions({
    queryKey: [...organizationKey(projectId, id), 'self'],
    queryFn: ({ signal }) => portico.organizations.get(projectId, id, { signal }),
  })

/** Of the project, or those that count in one organization. */
export const rolesQuery = (projectId: string, organizationId?: string) =>
  queryOptions({
    queryKey: [...organizationsKey(projectId), organizationId ?? 'all', 'roles'],
    queryFn: async ({ signal }) =>
      (await portico.organizations.roles(projectId, organizationId === undefined ? {} : { organizationId }, { signal })).data,
  })

/** A change of organizations: what is shown of them is read anew, and only then is it said that it worked. */
export function useOrganizationAction<In, Out>(
  projectId: string,
  run: (input: In) => Promise<Out>,
  said: (out: Out, input: In) => string,
  /** Where a refusal is said; a dialog that shows it itself gives another place. */
  onError: (error: Error) => void = toast.failed,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: async (out, input) => {
      await client.invalidateQueries({ queryKey: organizationsKey(projectId) })
      toast.done(said(out, input))
    },
    onError,
  })
}
