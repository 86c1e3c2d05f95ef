import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import {
  projectsOf,
  useWebhookOwner,
  webhookParams,
  webhookQuery,
  webhooksPath,
  webhookState,
  type AnyWebhook,
} from '../../api/webhooks.js'
import { Badge } from '../../ui/badge.js'
import { CopyId } from '../../ui/copy.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Card, Fact, Facts, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { ProjectName } from '../webhooks/project-choice.js'
import { Deliveries } from './deliveries.js'
import { Replays } from './replays.js'
import { WebhookActions } from './webhook-actions.js'

export default function WebhookPage() {
  const { webhookId } = useParams({ strict: false }) as { webhookId: string }
  const owner = useWebhookOwner()
  const { data: webhook, error, refetch } = useQuery(webhookQuery(owner, webhookId))
  return (
    <Page
      title={webhook ? hostOf(webhook.url) : 'Webhook'}
      lead={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Link to={webhooksPath(owner)} params={webhookParams(owner)} className="inline-flex items-center gap-1 hover:text-ink">
            <ArrowLeft className="size-3" /> Webhooks
          </Link>
          <CopyId value={webhookId} label="webhook id" short />
          {webhook && <State webhook={webhook} />}
        </span>
      }
      actions={webhook && <WebhookActions owner={owner} webhook={webhook} />}
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !webhook ? (
        <div className="panel">
          <SkeletonRows rows={4} />
        </div>
      ) : (
        <div className="grid grid-cols-1 gap-4">
          <Trouble webhook={webhook} />
          <Card title="Endpoint" flush>
            <Facts>
              <Fact name="URL">
                <CopyId value={webhook.url} label="URL" />
              </Fact>
              {webhook.description && <Fact name="Description">{webhook.description}</Fact>}
              <Fact name="Told of">
                {webhook.types.length === 0 ? (
                  'Every event'
                ) : (
                  <span className="flex flex-wrap gap-x-2 gap-y-0.5 font-mono text-xs">
                    {webhook.types.map((type) => (
                      <span key={type}>{type}</span>
                    ))}
                  </span>
                )}
              </Fact>
              {owner === null && (
                <Fact name="In">{webhook.projectIds?.length ? <Projects ids={webhook.projectIds} /> : projectsOf(webhook)}</Fact>
              )}
              <Fact name="Order">{webhook.ordering === 'user' ? 'One person’s events in their order' : 'As they come'}</Fact>
              <Fact name="Changed">
                <Time at={webhook.updatedAt} />
              </Fact>
            </Facts>
          </Card>
          <Replays owner={owner} webhookId={webhook.id} />
          <Deliveries owner={owner} webhookId={webhook.id} />
        </div>
      )}
    </Page>
  )
}

function Projects({ ids }: { ids: readonly string[] }) {
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-0.5">
      {ids.map((projectId) => (
        <Link key={projectId} to="/projects/$projectId" params={{ projectId }} className="text-accent underline">
          <ProjectName projectId={projectId} />
        </Link>
      ))}
    </span>
  )
}

function State({ webhook }: { webhook: AnyWebhook }) {
  const [word, tone] = webhookState(webhook)
  return <Badge tone={tone}>{word}</Badge>
}

function Trouble({ webhook }: { webhook: AnyWebhook }) {
  if (!webhook.enabled && webhook.disabledReason === 'failing')
    return (
      <Note tone="bad" title="It was turned off, since nothing was taken for five days">
        Mend the endpoint, turn it on again, and replay what it missed.
      </Note>
    )
  if (webhook.enabled && webhook.failingSince !== null)
    return (
      <Note tone="warn" title="The endpoint takes nothing">
        Since <Time at={webhook.failingSince} />. The log below says what it answers. After five days it is turned off.
      </Note>
    )
  return null
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)
