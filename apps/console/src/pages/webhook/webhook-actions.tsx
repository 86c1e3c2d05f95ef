import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { KeyRound, MoreHorizontal, Pencil, Power, RotateCcw, Send, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { optimistic } from '../../api/optimistic.js'
import { PERMISSIONS } from '../../api/permissions.js'
import { useDenied } from '../../api/use-denied.js'
import {
  webhookParams,
  webhookQuery,
  webhooksKey,
  webhooksOf,
  webhooksPath,
  type AnyWebhook,
  type WebhookOwner,
} from '../../api/webhooks.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName, Dialog } from '../../ui/dialog.js'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.js'
import { toast } from '../../ui/toast.js'
import { WebhookSecret } from '../webhooks/webhook-secret.js'
import WebhookForm from '../webhooks/webhook-form.js'
import { Replay } from './replay.js'

type Open = 'change' | 'rotate' | 'replay' | 'remove' | null

export function WebhookActions({ owner, webhook }: { owner: WebhookOwner; webhook: AnyWebhook }) {
  const calls = webhooksOf(owner)
  const denied = useDenied(PERMISSIONS.manageWebhooks)
  const client = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState<Open>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const refresh = () => client.invalidateQueries({ queryKey: webhooksKey(owner) })
  const test = useMutation({
    mutationFn: () => calls.test(webhook.id),
    onSuccess: async () => {
      await refresh()
      toast.done('A test message is on its way: see the log')
    },
    onError: toast.failed,
  })
  const turn = useMutation({
    ...optimistic(client, webhookQuery(owner, webhook.id).queryKey, (shown: AnyWebhook, enabled: boolean) => ({ ...shown, enabled })),
    mutationFn: (enabled: boolean) => calls.update(webhook.id, { enabled }),
    onSuccess: async ({ enabled }) => {
      await refresh()
      toast.done(enabled ? 'The endpoint is on' : 'The endpoint is off')
    },
  })
  const rotate = useMutation({
    mutationFn: () => calls.rotateSecret(webhook.id),
    onSuccess: async (rotated) => {
      await refresh()
      setOpen(null)
      setSecret(rotated.secret)
    },
    onError: toast.failed,
  })
  const remove = async () => {
    await calls.delete(webhook.id)
    await refresh()
    await navigate({ to: webhooksPath(owner), params: webhookParams(owner) })
    toast.done('The endpoint is removed')
  }
  return (
    <>
      <Button
        icon={<Send className="size-3.5" />}
        busy={test.isPending}
        onClick={() => test.mutate()}
        deniedBecause={denied || (!webhook.enabled && 'The endpoint is off')}
      >
        Send a test
      </Button>
      <Button icon={<Pencil className="size-3.5" />} onClick={() => setOpen('change')} deniedBecause={denied}>
        Change
      </Button>
      {denied ? (
        <Button deniedBecause={denied} aria-label="More actions" icon={<MoreHorizontal className="size-4" />} />
      ) : (
        <Menu trigger={<Button aria-label="More actions" icon={<MoreHorizontal className="size-4" />} />}>
          <MenuItem icon={<KeyRound className="size-3.5" />} onClick={() => setOpen('rotate')}>
            Rotate the secret
          </MenuItem>
          <MenuItem icon={<RotateCcw className="size-3.5" />} onClick={() => setOpen('replay')} disabled={!webhook.enabled}>
            Replay a time
          </MenuItem>
          <MenuItem icon={<Power className="size-3.5" />} onClick={() => turn.mutate(!webhook.enabled)}>
            {webhook.enabled ? 'Turn off' : 'Turn on'}
          </MenuItem>
          <MenuLine />
          <MenuItem icon={<Trash2 className="size-3.5" />} danger onClick={() => setOpen('remove')}>
            Remove
          </MenuItem>
        </Menu>
      )}
      {open === 'change' && <WebhookForm owner={owner} webhook={webhook} onClose={() => setOpen(null)} />}
      {open === 'replay' && <Replay owner={owner} webhookId={webhook.id} onClose={() => setOpen(null)} />}
      <Dialog
        open={open === 'rotate'}
        onClose={() => setOpen(null)}
        title="Rotate the secret"
        lead="The new secret signs at once. Messages carry the signature of the old one too, for a day, so that none is refused meanwhile."
        footer={
          <>
            <Button onClick={() => setOpen(null)}>Keep it</Button>
            <Button look="primary" busy={rotate.isPending} onClick={() => rotate.mutate()}>
              Rotate
            </Button>
          </>
        }
      />
      <ConfirmByName
        open={open === 'remove'}
        onClose={() => setOpen(null)}
        title="Remove the endpoint"
        name={webhook.url}
        action="Remove it"
        run={remove}
      >
        It is told nothing more, and its log is gone.
      </ConfirmByName>
      {secret !== null && <WebhookSecret secret={secret} rotated onClose={() => setSecret(null)} />}
    </>
  )
}
