import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Webhook } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { eventsOf, webhooksQuery, webhookState } from '../../api/webhooks.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'

const WebhookForm = lazy(() => import('./webhook-form.js'))

/** As many as a project may have. */
const MOST = 20

const columnsOf = (projectId: string): Column<Webhook>[] => [
  {
    id: 'url',
    header: 'Endpoint',
    cell: (webhook) => (
      <Link to="/projects/$projectId/webhooks/$webhookId" params={{ projectId, webhookId: webhook.id }} className="block min-w-0">
        <span className="block truncate font-medium hover:underline">{webhook.url}</span>
        {webhook.description && <span className="block truncate text-xs text-faint">{webhook.description}</span>}
      </Link>
    ),
  },
  { id: 'events', header: 'Told of', wide: true, cell: (webhook) => <span className="whitespace-nowrap">{eventsOf(webhook)}</span> },
  {
    id: 'state',
    header: 'State',
    cell: (webhook) => {
      const [word, tone] = webhookState(webhook)
      return <Badge tone={tone}>{word}</Badge>
    },
  },
  { id: 'created', header: 'Added', align: 'right', wide: true, cell: (webhook) => <Time at={webhook.createdAt} /> },
]

export default function Webhooks() {
  const projectId = useProjectId()
  const denied = useDenied(PERMISSIONS.manageWebhooks)
  const [adding, setAdding] = useState(false)
  const { data, error, refetch } = useQuery(webhooksQuery(projectId))
  return (
    <Page
      title="Webhooks"
      lead="Addresses of yours that are told what happens here: signed, in order where you ask for it, and tried again for a day and more."
      actions={
        <Button
          look="primary"
          icon={<Plus className="size-4" />}
          onClick={() => setAdding(true)}
          deniedBecause={denied || (data && data.length >= MOST ? `A project has at most ${MOST}` : false)}
        >
          Add endpoint
        </Button>
      }
    >
      <div className="panel">
        {error ? (
          <div className="p-4">
            <ErrorNote error={error} retry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows rows={3} />
        ) : data.length === 0 ? (
          <Empty
            title="Nobody is told yet"
            sdk={
              `const { secret } = await portico.webhooks.create('${projectId}', {\n  url: 'https://api.example.com/portico',\n` +
              `  types: ['user.created', 'user.deleted'],\n})\n// in the endpoint:\nconst message = await verifyWebhook(request, secret)`
            }
          >
            An endpoint gets a POST for each event that it wants: somebody signed up, a session ended, a mail bounced. Messages follow
            Standard Webhooks, so that any of its libraries checks the signature.
          </Empty>
        ) : (
          <DataTable label="Endpoints" columns={columnsOf(projectId)} rows={data} rowId={(webhook) => webhook.id} />
        )}
      </div>
      {adding && (
        <Suspense>
          <WebhookForm projectId={projectId} webhook={null} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </Page>
  )
}
