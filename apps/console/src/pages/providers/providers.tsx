import { useMutation, useQuery } from '@tanstack/react-query'
import type { AuthProvider, AuthProviderName } from '@portico/sdk'
import { CircleCheck, Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { LastProblem } from './last-problem.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'

const ProviderForm = lazy(() => import('./provider-form.js'))

const NAMES: Record<string, string> = { google: 'Google', github: 'GitHub', microsoft: 'Microsoft', apple: 'Apple', gitlab: 'GitLab' }
export const providerName = (provider: string): string => NAMES[provider] ?? provider

export default function Providers() {
  const projectId = useProjectId()
  const denied = useDenied(PERMISSIONS.changeAuth)
  const [editing, setEditing] = useState<AuthProvider | 'own' | null>(null)
  const { data, error, refetch } = useQuery({
    queryKey: ['project', projectId, 'auth', 'providers'],
    queryFn: ({ signal }) => portico.projects.auth.providers.list(projectId, { signal }),
  })
  return (
    <Page
      title="Providers"
      lead="Accounts elsewhere that people may sign in with. Copy the redirect URI to the provider, paste its client id and secret here, and test."
      actions={
        <Button icon={<Plus className="size-4" />} onClick={() => setEditing('own')} deniedBecause={denied}>
          OpenID provider
        </Button>
      }
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !data ? (
        <div className="panel">
          <SkeletonRows />
        </div>
      ) : (
        <ul className="grid grid-cols-1 gap-3">
          {data.map((provider) => (
            <Row key={provider.provider} projectId={projectId} provider={provider} denied={denied} onEdit={() => setEditing(provider)} />
          ))}
        </ul>
      )}
      {editing !== null && (
        <Suspense>
          <ProviderForm projectId={projectId} provider={editing === 'own' ? null : editing} onClose={() => setEditing(null)} />
        </Suspense>
      )}
    </Page>
  )
}

function Row({
  projectId,
  provider,
  denied,
  onEdit,
}: {
  projectId: string
  provider: AuthProvider
  denied: string | false
  onEdit: () => void
}) {
  const test = useMutation({ mutationFn: () => portico.projects.auth.providers.test(projectId, provider.provider as AuthProviderName) })
  const name = providerName(provider.provider)
  return (
    <li className="panel">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{name}</span>
            {provider.enabled && provider.configured ? (
              <Badge tone="good">on</Badge>
            ) : provider.enabled ? (
              <Badge tone="bad">on, but not set up</Badge>
            ) : provider.configured ? (
              <Badge>set up, off</Badge>
            ) : (
              <Badge>not set up</Badge>
            )}
          </p>
          {provider.configured && (
            <p className="mt-0.5 truncate text-xs text-soft">
              client <span className="font-mono">{provider.clientId}</span> · changed <Time at={provider.updatedAt} />
            </p>
          )}
        </div>
        {provider.configured && (
          <Button busy={test.isPending} onClick={() => test.mutate()} deniedBecause={denied}>
            Test
          </Button>
        )}
        <Button onClick={onEdit} deniedBecause={denied}>
          {provider.configured ? 'Change' : 'Set up'}
        </Button>
      </div>
      <div className="flex min-w-0 flex-wrap items-center gap-x-2 border-t border-line px-4 py-2 text-xs text-faint">
        Redirect URI <CopyId value={provider.redirectUri} label={`${name} redirect URI`} />
      </div>
      {provider.lastProblem && !test.data && <LastProblem name={name} problem={provider.lastProblem} changedAt={provider.updatedAt} />}
      {test.data && (
        <p role="status" className="flex items-center gap-1.5 border-t border-line px-4 py-2 text-sm text-good">
          <CircleCheck className="size-4" /> {name} knows this client. It calls itself {test.data.issuer}.
        </p>
      )}
      {test.error && (
        <div className="border-t border-line p-3">
          <Note tone="bad" title={`${name} refused the client`}>
            {inPlainWords(test.error).detail}
          </Note>
        </div>
      )}
    </li>
  )
}
