import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { SsoAttempt, SsoConnection, UpdateSsoConnection } from '@portico/sdk'
import type { Tone } from '../ui/badge.js'
import { toast } from '../ui/toast.js'
import { portico } from './portico.js'

const ssoKey = (projectId: string) => ['project', projectId, 'sso']

export const connectionsQuery = (projectId: string) =>
  queryOptions({
    queryKey: [...ssoKey(projectId), 'connections'],
    queryFn: async ({ signal }) => (await portico.sso.connections(projectId, {}, { signal })).data,
  })

export const connectionQuery = (projectId: string, id: string) =>
  queryOptions({
    queryKey: [...ssoKey(projectId), 'connection', id],
    queryFn: ({ signal }) => portico.sso.getConnection(projectId, id, { signal }),
  })

export const emailDomainsQuery = (projectId: string) =>
  queryOptions({
    queryKey: [...ssoKey(projectId), 'domains'],
    queryFn: async ({ signal }) => (await portico.sso.emailDomains(projectId, {}, { signal })).data,
  })

// Soon while somebody is on the way; else often enough to see who comes by themselves.
const WATCH_MS = { moving: 2_000, still: 15_000 }
/** Longer than an address is open and a sign-in may take. */
const UNDER_WAY_MS = 20 * 60_000

const isUnderWay = ({ finishedAt, createdAt }: SsoAttempt) => finishedAt === null && Date.now() - Date.parse(createdAt) < UNDER_WAY_MS

/** Tests and real sign-ins of a connection; they come by themselves. */
export const attemptsQuery = (projectId: string, id: string) =>
  queryOptions({
    queryKey: [...ssoKey(projectId), 'attempts', id],
    queryFn: async ({ signal }) => (await portico.sso.attempts(projectId, id, { signal })).data,
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? WATCH_MS.moving : WATCH_MS.still),
  })

/** Our own keys for the identity provider. */
export const ownKeysQuery = (projectId: string, id: string) =>
  queryOptions({
    queryKey: [...ssoKey(projectId), 'keys', id],
    queryFn: async ({ signal }) => (await portico.sso.keys(projectId, id, { signal })).data,
  })

export const breakGlassQuery = (projectId: string) =>
  queryOptions({
    queryKey: [...ssoKey(projectId), 'break-glass'],
    queryFn: async ({ signal }) => (await portico.sso.breakGlass(projectId, { signal })).data,
  })

/** A change of single sign-on: everything that is shown of it is read anew, and only then is it said that it worked. */
export function useSsoAction<In, Out>(
  projectId: string,
  run: (input: In) => Promise<Out>,
  said: (out: Out) => string,
  /** Where a refusal is said; a form that shows it itself gives another place. */
  onError: (error: Error) => void = toast.failed,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: async (out) => {
      await client.invalidateQueries({ queryKey: ssoKey(projectId) })
      toast.done(said(out))
    },
    onError,
  })
}

/** What every form about one connection does. */
export function useChangeConnection(projectId: string, id: string, said: string) {
  const run = (change: UpdateSsoConnection) => portico.sso.updateConnection(projectId, id, change)
  return useSsoAction(projectId, run, () => said, () => undefined)
}

export const STATES: Record<SsoConnection['state'], [word: string, tone: Tone]> = {
  draft: ['draft', 'neutral'],
  testing: ['testing', 'accent'],
  active: ['active', 'good'],
}

export const PROTOCOLS: Record<SsoConnection['protocol'], string> = { saml: 'SAML 2.0', oidc: 'OpenID Connect' }

const DAY_MS = 86_400_000
/** From then on it is time to ask the company for the next one. */
const SOON_DAYS = 30

/** Of the certificates of a connection the one that lasts longest says when sign-ins end. */
export function certificateState({ saml }: SsoConnection): { until: string; word: string; tone: Tone } | null {
  const ends = (saml?.certificates ?? []).flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt])).toSorted()
  const until = ends.at(-1)
  if (until === undefined) return null
  const days = Math.floor((Date.parse(until) - Date.now()) / DAY_MS)
  if (days < 0) return { until, word: 'certificate ran out', tone: 'bad' }
  return days < SOON_DAYS ? { until, word: `certificate: ${days} days left`, tone: 'warn' } : { until, word: 'certificate good', tone: 'good' }
}
