import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { EndUser } from '@portico/sdk'
import { ArrowLeft } from 'lucide-react'
import { personQuery } from '../../api/person.js'
import { Badge } from '../../ui/badge.js'
import { CopyId } from '../../ui/copy.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Card, Fact, Facts, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { Factors } from './factors.js'
import { Identities } from './identities.js'
import { MetadataEditor } from './metadata-editor.js'
import { Organizations } from './organizations.js'
import { PersonActions } from './person-actions.js'
import { Sessions } from './sessions.js'
import { Trail } from './trail.js'

export default function Person() {
  const { projectId, userId } = useParams({ strict: false }) as { projectId: string; userId: string }
  const { data: user, error, refetch } = useQuery(personQuery(projectId, userId))
  return (
    <Page
      title={user?.email ?? 'Person'}
      lead={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Link to="/projects/$projectId/people" params={{ projectId }} className="inline-flex items-center gap-1 hover:text-ink">
            <ArrowLeft className="size-3" /> People
          </Link>
          <CopyId value={userId} label="user id" />
          {user && <States user={user} />}
        </span>
      }
      actions={user && <PersonActions projectId={projectId} user={user} />}
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !user ? (
        <div className="panel">
          <SkeletonRows />
        </div>
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
          <div className="grid min-w-0 gap-4">
            {user.pendingEmail && (
              <Note title={`The address is changing to ${user.pendingEmail.email}`}>
                Asked for <Time at={user.pendingEmail.requestedAt} />; the link in the mail works until{' '}
                <Time at={user.pendingEmail.expiresAt} />.
              </Note>
            )}
            <Sessions projectId={projectId} userId={user.id} />
            <Trail projectId={projectId} userId={user.id} />
          </div>
          <div className="grid min-w-0 gap-4">
            <Card title="Account" flush>
              <Facts>
                <Fact name="Joined">
                  <Time at={user.createdAt} />
                </Fact>
                <Fact name="Last sign-in">
                  <Time at={user.lastSignInAt} />
                </Fact>
                <Fact name="Address">{user.emailVerified ? 'confirmed' : 'not confirmed yet'}</Fact>
                <Fact name="Changed">
                  <Time at={user.updatedAt} />
                </Fact>
              </Facts>
            </Card>
            <Identities projectId={projectId} user={user} />
            <Organizations projectId={projectId} userId={user.id} />
            <Factors projectId={projectId} user={user} />
            <MetadataEditor projectId={projectId} user={user} field="metadata" />
            <MetadataEditor projectId={projectId} user={user} field="appMetadata" />
          </div>
        </div>
      )}
    </Page>
  )
}

function States({ user }: { user: EndUser }) {
  return (
    <>
      {user.disabled && <Badge tone="bad">disabled</Badge>}
      {user.emailVerified ? <Badge tone="good">confirmed</Badge> : <Badge tone="warn">unconfirmed</Badge>}
    </>
  )
}
