import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { AuthService, Project } from '@portico/sdk'
import { PERMISSIONS, whyNot } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { authQuery, useProject } from '../../api/project.js'
import { useCan } from '../../api/session.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote } from '../../ui/note.js'
import { Card, Fact, Facts, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'
import { Activity } from './activity.js'
import { LiveFeed } from './live-feed.js'
import { QuickStart } from './quick-start.js'
import { Variables } from './variables.js'

export default function Overview() {
  const project = useProject()
  const may = useCan(PERMISSIONS.readStats)
  const { data: auth, error, refetch } = useQuery(authQuery(project.id))
  return (
    <Page title={project.name} lead={<CopyId value={project.id} label="project id" />} actions={auth && <Status auth={auth} />}>
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : auth === undefined ? (
        <div className="panel">
          <SkeletonRows rows={4} />
        </div>
      ) : auth === null ? (
        <TurnOn project={project} />
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
          <div className="grid min-w-0 gap-4">
            {may && <Activity projectId={project.id} />}
            <Variables auth={auth} />
            <QuickStart auth={auth} />
          </div>
          <div className="grid min-w-0 gap-4">
            <LiveFeed projectId={project.id} />
            <Card title="Project" flush>
              <Facts>
                <Fact name="Slug">{project.slug}</Fact>
                <Fact name="Your id">
                  {project.externalProjectId ? (
                    <CopyId value={project.externalProjectId} label="your id" />
                  ) : (
                    <span className="text-faint">none</span>
                  )}
                </Fact>
                <Fact name="Kind">{project.resourceType}</Fact>
                <Fact name="Created">
                  <Time at={project.createdAt} />
                </Fact>
                <Fact name="Ways to sign in">
                  <span className="flex flex-wrap gap-1">
                    {auth.settings.providers.map((way) => (
                      <Badge key={way}>{way}</Badge>
                    ))}
                  </span>
                </Fact>
                <Fact name="Tokens">
                  {auth.settings.tokenAlgorithm}, {auth.settings.accessTokenTtlSeconds} s
                </Fact>
              </Facts>
            </Card>
          </div>
        </div>
      )}
    </Page>
  )
}

function Status({ auth }: { auth: AuthService }) {
  return auth.enabled ? <Badge tone="good">Auth is on</Badge> : <Badge tone="warn">Auth is off</Badge>
}

function TurnOn({ project }: { project: Project }) {
  const client = useQueryClient()
  const may = useCan(PERMISSIONS.changeAuth)
  const enable = useMutation({
    mutationFn: () => portico.projects.auth.enable(project.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['project', project.id] })
      toast.done('Auth is on')
    },
    onError: toast.failed,
  })
  return (
    <div className="panel">
      <Empty
        title="Auth is off in this project"
        action={
          <Button
            look="primary"
            busy={enable.isPending}
            onClick={() => enable.mutate()}
            deniedBecause={!may && whyNot(PERMISSIONS.changeAuth)}
          >
            Turn auth on
          </Button>
        }
        sdk={`await portico.projects.auth.enable('${project.id}')`}
        curl={`curl -X POST ${location.origin}/api/v1/projects/${project.id}/auth \\\n  -H "authorization: Bearer $PORTICO_API_KEY"`}
      >
        Turning it on makes the signing secret and the address where people sign up and in. The app gets both as AUTH_URL and
        AUTH_JWT_SECRET when it boots; there is nothing to install in it.
      </Empty>
    </div>
  )
}
