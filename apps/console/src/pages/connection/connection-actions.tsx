import { useNavigate } from '@tanstack/react-router'
import type { SsoConnection } from '@portico/sdk'
import { Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { portico } from '../../api/portico.js'
import { useSsoAction } from '../../api/sso.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName, Dialog } from '../../ui/dialog.js'
import { RenameConnection } from './rename-connection.js'

type State = SsoConnection['state']

/** The next step, and the one back. */
const STEPS: Record<State, { on: [to: State, label: string] | null; back: [to: State, label: string] | null }> = {
  draft: { on: ['testing', 'Start testing'], back: null },
  testing: { on: ['active', 'Activate'], back: ['draft', 'Back to draft'] },
  active: { on: null, back: ['testing', 'Take out of use'] },
}
const SAID: Record<State, string> = {
  draft: 'It is a draft again: nobody reaches it',
  testing: 'It is reached by its id alone: try it',
  active: 'It is active: people of its domains are sent there',
}

interface Props {
  projectId: string
  connection: SsoConnection
  denied: string | false
}

export function ConnectionActions({ projectId, connection, denied }: Props) {
  const navigate = useNavigate()
  const [asking, setAsking] = useState<'remove' | 'back' | 'rename' | null>(null)
  const { on, back } = STEPS[connection.state]
  const move = useSsoAction(
    projectId,
    (state: State) => portico.sso.updateConnection(projectId, connection.id, { state }),
    ({ state }) => SAID[state],
  )
  const remove = useSsoAction(
    projectId,
    async () => {
      await portico.sso.deleteConnection(projectId, connection.id)
      await navigate({ to: '/projects/$projectId/sso', params: { projectId } })
    },
    () => 'The connection is removed',
    () => undefined,
  )
  const isKnown = connection.saml !== null || connection.oidc?.hasSecret === true
  return (
    <>
      {on && (
        <Button
          look="primary"
          busy={move.isPending}
          onClick={() => move.mutate(on[0])}
          deniedBecause={denied || (!isKnown && 'The identity provider is not known yet')}
        >
          {on[1]}
        </Button>
      )}
      {back && (
        <Button
          onClick={() => (connection.state === 'active' ? setAsking('back') : move.mutate(back[0]))}
          deniedBecause={denied || (connection.enforce && 'It is the only way in: turn that off first')}
        >
          {back[1]}
        </Button>
      )}
      <Button look="quiet" icon={<Pencil className="size-3.5" />} onClick={() => setAsking('rename')} deniedBecause={denied}>
        Rename
      </Button>
      <Button look="quiet" icon={<Trash2 className="size-3.5" />} onClick={() => setAsking('remove')} deniedBecause={denied}>
        Remove
      </Button>
      <Dialog
        open={asking === 'back'}
        onClose={() => setAsking(null)}
        title="Take it out of use"
        lead="Nobody is sent to the identity provider any more; who is signed in stays."
        footer={
          <>
            <Button onClick={() => setAsking(null)}>Keep it</Button>
            <Button look="danger" busy={move.isPending} onClick={() => move.mutate('testing', { onSettled: () => setAsking(null) })}>
              Take it out of use
            </Button>
          </>
        }
      />
      {asking === 'rename' && <RenameConnection projectId={projectId} connection={connection} onClose={() => setAsking(null)} />}
      <ConfirmByName
        open={asking === 'remove'}
        onClose={() => setAsking(null)}
        title="Remove the connection"
        name={connection.name}
        action="Remove it"
        run={() => remove.mutateAsync(undefined)}
      >
        Nobody comes in by it any more. The accounts of its people stay; how they come in otherwise is theirs to set up.
      </ConfirmByName>
    </>
  )
}
