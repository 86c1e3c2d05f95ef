import { useQuery } from '@tanstack/react-query'
import { PERMISSIONS } from '../../api/permissions.js'
import { usePersonAction } from '../../api/person.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { placeOf, sayDevice } from '../../lib/device.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'

/** RFC 8176 says it in letters. */
const METHODS: Record<string, string> = {
  pwd: 'password',
  otp: 'code',
  mfa: 'second factor',
  hwk: 'passkey',
  swk: 'passkey',
  user: 'passkey',
  email: 'mailed link',
  fed: 'provider',
  sso: 'single sign-on',
}

export function Sessions({ projectId, userId }: { projectId: string; userId: string }) {
  const denied = useDenied(PERMISSIONS.manageUsers)
  const { data, error, refetch } = useQuery({
    queryKey: ['project', projectId, 'person', userId, 'sessions'],
    queryFn: ({ signal }) => portico.users.sessions(projectId, userId, { signal }),
  })
  const end = usePersonAction(
    projectId,
    userId,
    (sessionId: string) => portico.users.endSession(projectId, userId, sessionId),
    () => 'The session ended',
  )
  return (
    <Card title="Sessions" lead="Where this person is signed in. The device is what the browser said of itself." flush>
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={2} />
      ) : data.length === 0 ? (
        <p className="px-4 py-3 text-sm text-faint">Not signed in anywhere.</p>
      ) : (
        <ul className="divide-y divide-line">
          {data.map((session) => (
            <li key={session.id} className="flex items-center gap-3 px-4 py-2.5 text-sm">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium" title={session.userAgent ?? undefined}>
                  {sayDevice(session.device) ?? 'Unknown device'}
                </p>
                <p className="flex flex-wrap gap-x-2 text-xs text-soft">
                  <span>{placeOf(session.ip)}</span>
                  {session.ip && <span className="font-mono">{session.ip}</span>}
                  <span>
                    used <Time at={session.lastUsedAt} />
                  </span>
                  <span>
                    since <Time at={session.createdAt} />
                  </span>
                </p>
              </div>
              <span className="hidden flex-wrap gap-1 sm:flex">
                {[...new Set(session.amr.map((method) => METHODS[method] ?? method))].map((method) => (
                  <Badge key={method}>{method}</Badge>
                ))}
              </span>
              <Button
                className="h-7 px-2 text-xs"
                busy={end.isPending && end.variables === session.id}
                onClick={() => end.mutate(session.id)}
                deniedBecause={denied}
              >
                End
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
