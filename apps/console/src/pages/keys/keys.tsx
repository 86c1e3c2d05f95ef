import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { AuthService, Rotation } from '@portico/sdk'
import { RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { authQuery, useProject } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge, type Tone } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Card, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'
import { RotationTimeline } from './rotation-timeline.js'

type Key = AuthService['keys'][number]

const STATES: Record<Key['state'], [Tone, string]> = {
  current: ['good', 'signs now'],
  standby: ['accent', 'stands by'],
  retired: ['neutral', 'still verifies'],
}

const COLUMNS: Column<Key>[] = [
  { id: 'kid', header: 'Key', cell: (key) => <CopyId value={key.kid} label="key id" /> },
  { id: 'state', header: 'State', cell: ({ state }) => <Badge tone={STATES[state][0]}>{STATES[state][1]}</Badge> },
  { id: 'alg', header: 'Algorithm', wide: true, cell: (key) => key.alg },
  { id: 'created', header: 'Made', wide: true, cell: (key) => <Time at={key.createdAt} /> },
  { id: 'until', header: 'Verifies until', align: 'right', cell: (key) => <Time at={key.verifyUntil} fallback="open" /> },
]
const WATCH_MS = 3_000

export default function Keys() {
  const project = useProject()
  const denied = useDenied(PERMISSIONS.changeAuth)
  const client = useQueryClient()
  const [leaked, setLeaked] = useState(false)
  const auth = useQuery(authQuery(project.id))
  const rotation = useQuery({
    queryKey: ['project', project.id, 'rotation'],
    queryFn: ({ signal }) => portico.projects.auth.rotation(project.id, { signal }),
    enabled: Boolean(auth.data),
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? WATCH_MS : false),
  })
  const refresh = () => client.invalidateQueries({ queryKey: ['project', project.id] })
  const act = useMutation({
    mutationFn: async (what: 'start' | 'switch' | 'cancel') => {
      if (what === 'start') await portico.projects.auth.rotateSecret(project.id)
      if (what === 'switch') await portico.projects.auth.switchRotation(project.id)
      if (what === 'cancel') await portico.projects.auth.cancelRotation(project.id)
      return { start: 'The rotation has begun', switch: 'The next key signs now', cancel: 'The rotation is cancelled' }[what]
    },
    onSuccess: async (said) => {
      await refresh()
      toast.done(said)
    },
    onError: toast.failed,
  })
  const rotateNow = async () => {
    const done: Rotation = await portico.projects.auth.rotateSecret(project.id, { mode: 'immediate' })
    await refresh()
    toast.done(`Every token from before is worthless. ${done.willBreak?.length ?? 0} running instances need a restart.`)
  }
  const waiting = rotation.data?.state === 'waiting' ? rotation.data : null
  return (
    <Page
      title="Keys"
      lead="The ring that signs and verifies this project’s tokens. Apps get it when they boot; nobody types it."
      actions={
        <>
          <Button onClick={() => setLeaked(true)} deniedBecause={denied || (!auth.data && 'Auth is off')}>
            The secret leaked …
          </Button>
          <Button
            look="primary"
            icon={<RefreshCw className="size-3.5" />}
            busy={act.isPending && act.variables === 'start'}
            onClick={() => act.mutate('start')}
            deniedBecause={denied || (waiting !== null && 'A rotation is under way') || (!auth.data && 'Auth is off')}
          >
            Rotate
          </Button>
        </>
      }
    >
      {auth.error ? (
        <ErrorNote error={auth.error} retry={() => void auth.refetch()} />
      ) : auth.data === null ? (
        <Note title="Auth is off in this project">There are no keys before it is turned on.</Note>
      ) : !auth.data ? (
        <div className="panel">
          <SkeletonRows rows={3} />
        </div>
      ) : (
        <div className="grid grid-cols-1 gap-4">
          {rotation.data && (
            <RotationTimeline
              rotation={rotation.data}
              busy={act.isPending}
              denied={denied}
              onSwitch={() => act.mutate('switch')}
              onCancel={() => act.mutate('cancel')}
            />
          )}
          <Card title="Key ring" flush>
            <DataTable label="Keys" columns={COLUMNS} rows={auth.data.keys} rowId={(key) => key.kid} />
          </Card>
        </div>
      )}
      <ConfirmByName
        open={leaked}
        onClose={() => setLeaked(false)}
        title="Replace the secret at once"
        name={project.name}
        action="Replace it now"
        run={rotateNow}
      >
        For a secret that somebody else has. Every access token is worthless from now on, and running instances refuse everybody until they
        are restarted. For an ordinary change use Rotate: nobody notices it.
      </ConfirmByName>
    </Page>
  )
}
