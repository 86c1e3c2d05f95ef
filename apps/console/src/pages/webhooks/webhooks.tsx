import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { useDenied } from '../../api/use-denied.js'
import {
  eventsOf,
  projectsOf,
  useWebhookOwner,
  webhookParams,
  webhookPath,
  webhooksQuery,
  webhookState,
  type AnyWebhook,
  type WebhookOwner,
} from '../../api/webhooks.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'

const WebhookForm = lazy(() => import('./webhook-form.js'))

/** As many as a project or a tenant may have. */
const MOST = 20

const IN: Column<AnyWebhook> = {
  id: 'projects',
  header: 'In',
  wide: true,
  cell: (webhook) => <span className="whitespace-nowrap">{projectsOf(webhook)}</span>,
}

const columnsOf = (owner: WebhookOwner): Column<AnyWebhook>[] => [
  {
    id: 'url',
    header: 'Endpoint',
    cell: (webhook) => (
      <Link to={webhookPath(owner)} params={webhookParams(owner, webhook.id)} className="block min-w-0">
        <span className="block truncate font-medium hover:underline">{webhook.url}</span>
        {webhook.description && <span className="block truncate text-xs text-faint">{webhook.description}</span>}
      </Link>
    ),
  },
  { id: 'events', header: 'Told of', wide: true, cell: (webhook) => <span className="whitespace-nowrap">{eventsOf(webhook)}</span> },
  ...(owner === null ? [IN] : []),
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

/** How a script makes one. */
const snippetOf = (owner: WebhookOwner): string =>
  `const { secret } = await portico.webhooks.${owner === null ? 'ofTenant.create({' : `create('${owner}', {`}\n` +
  "  url: 'https://api.example.com/portico',\n  types: ['user.created', 'user.deleted'],\n})\n" +
  '// in the endpoint:\nconst message = await verifyWebhook(request, secret)'

const curlOf = (owner: WebhookOwner): string =>
  `curl ${location.origin}/api/v1/${owner === null ? '' : `projects/${owner}/`}webhooks -H "authorization: Bearer $PORTICO_API_KEY" \\\n` +
  `  -H 'content-type: application/json' -d '{"url":"https://api.example.com/portico"}'`

export default function Webhooks() {
  const owner = useWebhookOwner()
  const denied = useDenied(PERMISSIONS.manageWebhooks)
  const [adding, setAdding] = useState(false)
  const { data, error, refetch } = useQuery(webhooksQuery(owner))
  return (
    <Page
      title="Webhooks"
      lead={
        owner === null
          ? 'Addresses of yours that are told what happens in all projects, or in those that you choose. A project can have its own beside them.'
          : 'Addresses of yours that are told what happens here: signed, in order where you ask for it, and tried again for a day and more.'
      }
      actions={
        <Button
          look="primary"
          icon={<Plus className="size-4" />}
          onClick={() => setAdding(true)}
          deniedBecause={denied || (data && data.length >= MOST ? `There are at most ${MOST}` : false)}
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
            sdk={snippetOf(owner)}
            curl={curlOf(owner)}
          >
            An endpoint gets a POST for each event that it wants: somebody signed up, a session ended, a mail bounced. Messages follow
            Standard Webhooks, so that any of its libraries checks the signature.
          </Empty>
        ) : (
          <DataTable label="Endpoints" columns={columnsOf(owner)} rows={data} rowId={(webhook) => webhook.id} />
        )}
      </div>
      {adding && (
        <Suspense>
          <WebhookForm owner={owner} webhook={null} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </Page>
  )
}
