import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { AuditStream } from '@portico/sdk'
import { useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { count } from '../../lib/format.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Card, Fact, Facts } from '../../ui/page.js'
import { ShownSecret } from '../../ui/shown-secret.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'
import { StreamForm } from './stream-form.js'

const WATCH_MS = 5_000

export function Stream() {
  const denied = useDenied(PERMISSIONS.manageAudit)
  const client = useQueryClient()
  const stream = useQuery({
    queryKey: ['audit-stream'],
    queryFn: ({ signal }) => portico.auditLog.stream({ signal }),
    refetchInterval: WATCH_MS,
  })
  const [dialog, setDialog] = useState<'set' | 'off' | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const refresh = () => client.invalidateQueries({ queryKey: ['audit-stream'] })
  const done = async (set: AuditStream) => {
    setDialog(null)
    setSecret(set.secret ?? null)
    await refresh()
  }
  const off = async () => {
    await portico.auditLog.removeStream()
    await refresh()
    toast.done('The audit log is streamed nowhere')
  }
  const set = stream.data
  return (
    <Card
      title="Stream"
      lead="Every row of the workspace and its projects, a few seconds after it was written."
      flush={Boolean(set)}
      actions={
        <Button deniedBecause={denied} onClick={() => setDialog('set')}>
          {set ? 'Change' : 'Set up'}
        </Button>
      }
    >
      {stream.error ? (
        <ErrorNote error={stream.error} retry={() => void stream.refetch()} />
      ) : set === undefined ? (
        <SkeletonRows rows={3} />
      ) : set === null ? (
        <Empty title="Streamed nowhere">An HTTPS endpoint or a store of the shape of S3 can be sent the log, to be verified there.</Empty>
      ) : (
        <>
          {set.problem && (
            <div className="p-4 pb-0">
              <Note tone="bad">
                {set.problem} Nothing is lost: the rows wait, and the next try is <Time at={set.nextAttemptAt} />.
              </Note>
            </div>
          )}
          <Facts>
            <Fact name="To">
              <span className="font-mono text-xs break-all">{set.url ?? `${set.endpoint}/${set.bucket}/${set.prefix}`}</span>
            </Fact>
            <Fact name="State">
              <Badge tone={set.state === 'ready' ? 'good' : 'bad'}>{set.state}</Badge>
            </Fact>
            <Fact name="Last delivery">
              <Time at={set.deliveredAt} fallback="none yet" />
            </Fact>
            <Fact name="Waiting">{count(set.rowsBehind)} rows</Fact>
          </Facts>
          <div className="border-t border-line px-4 py-3">
            <Button look="quiet" deniedBecause={denied} onClick={() => setDialog('off')}>
              Turn off …
            </Button>
          </div>
        </>
      )}
      <StreamForm open={dialog === 'set'} onClose={() => setDialog(null)} onDone={done} />
      <ConfirmByName
        open={dialog === 'off'}
        onClose={() => setDialog(null)}
        title="Turn the stream off"
        name="off"
        action="Turn off"
        run={off}
      >
        Nothing more is sent. A stream that is set up later begins with the first row.
      </ConfirmByName>
      {secret && (
        <ShownSecret
          secret={secret}
          lead="Verify the signature of Standard Webhooks with it. It is shown this once."
          onClose={() => setSecret(null)}
        />
      )}
    </Card>
  )
}
