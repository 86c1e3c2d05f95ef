import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Hook, HookName } from '@portico/sdk'
import { KeyRound, MoreHorizontal, Power, Send, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { hooksQuery } from '../../api/hooks.js'
import { optimistic } from '../../api/optimistic.js'
import { portico } from '../../api/portico.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.js'
import { Note } from '../../ui/note.js'
import { Time } from '../../ui/time.js'
import { toast } from '../../ui/toast.js'
import { HookSecret } from './hook-secret.js'
import { hookState, hookWords, testResult } from './hook-words.js'

interface Props {
  projectId: string
  name: HookName
  hook: Hook | undefined
  denied: string | false
  onSet: () => void
}

/** One question, whom it goes to, and how that went. */
export function HookRow({ projectId, name, hook, denied, onSet }: Props) {
  const { title, asked, adds } = { adds: undefined, ...hookWords(name) }
  const [word, tone] = hookState(hook)
  const test = useMutation({ mutationFn: () => portico.hooks.test(projectId, name), onError: toast.failed })
  const result = test.data && testResult(test.data)
  return (
    <li className="panel" aria-label={title}>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2 px-4 py-3">
        <div className="min-w-0 flex-1 basis-64">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{title}</span>
            <Badge tone={tone}>{word}</Badge>
          </p>
          <p className="text-sm text-soft">
            {asked} {adds}
          </p>
          <code className="font-mono text-xs text-faint">{name}</code>
        </div>
        {hook && (
          <Button
            icon={<Send className="size-3.5" />}
            busy={test.isPending}
            onClick={() => test.mutate()}
            deniedBecause={denied || (!hook.enabled && 'It is off')}
          >
            Test
          </Button>
        )}
        <Button onClick={onSet} deniedBecause={denied}>
          {hook ? 'Change' : 'Set up'}
        </Button>
        {hook && <More projectId={projectId} hook={hook} denied={denied} />}
      </div>
      {hook && (
        <div className="grid min-w-0 gap-1 border-t border-line px-4 py-2 text-xs text-soft">
          <CopyId value={hook.url} label={`URL of ${title}`} className="justify-self-start" />
          <span>
            Without an answer it is a {hook.onFailure === 'deny' ? 'no' : 'yes'} · changed <Time at={hook.updatedAt} />
          </span>
        </div>
      )}
      {hook?.enabled && hook.failingSince !== null && (
        <div className="border-t border-line p-3">
          <Note tone="bad" title="It does not answer">
            Since <Time at={hook.failingSince} />. After five failures in a row it is left alone for 30 seconds, then one question looks
            again; until it answers, {hook.onFailure === 'deny' ? 'everybody is refused' : 'everybody is let through'}.
          </Note>
        </div>
      )}
      {result && (
        <div role="status" className="border-t border-line p-3">
          <Note tone={result.good ? 'good' : 'warn'} title={result.good ? undefined : 'There was no answer'}>
            {result.text}
          </Note>
        </div>
      )}
    </li>
  )
}

function More({ projectId, hook, denied }: { projectId: string; hook: Hook; denied: string | false }) {
  const client = useQueryClient()
  const [removing, setRemoving] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const refresh = () => client.invalidateQueries({ queryKey: ['project', projectId, 'hooks'] })
  const turn = useMutation({
    ...optimistic(client, hooksQuery(projectId).queryKey, (hooks: Hook[], enabled: boolean) =>
      hooks.map((one) => (one.hook === hook.hook ? { ...one, enabled } : one)),
    ),
    mutationFn: (enabled: boolean) => portico.hooks.set(projectId, hook.hook, { enabled }),
    onSuccess: async ({ enabled }) => {
      await refresh()
      toast.done(enabled ? 'The hook is on' : 'The hook is off: nobody is asked')
    },
  })
  const rotate = useMutation({
    mutationFn: () => portico.hooks.rotateSecret(projectId, hook.hook),
    onSuccess: async (rotated) => {
      await refresh()
      setSecret(rotated.secret)
    },
    onError: toast.failed,
  })
  const remove = async () => {
    await portico.hooks.delete(projectId, hook.hook)
    await refresh()
    toast.done('The hook is removed')
  }
  const trigger = <Button aria-label="More actions" icon={<MoreHorizontal className="size-4" />} deniedBecause={denied} />
  return (
    <>
      {denied ? (
        trigger
      ) : (
        <Menu trigger={trigger}>
          <MenuItem icon={<KeyRound className="size-3.5" />} onClick={() => rotate.mutate()}>
            Rotate the secret
          </MenuItem>
          <MenuItem icon={<Power className="size-3.5" />} onClick={() => turn.mutate(!hook.enabled)}>
            {hook.enabled ? 'Turn off' : 'Turn on'}
          </MenuItem>
          <MenuLine />
          <MenuItem icon={<Trash2 className="size-3.5" />} danger onClick={() => setRemoving(true)}>
            Remove
          </MenuItem>
        </Menu>
      )}
      <ConfirmByName
        open={removing}
        onClose={() => setRemoving(false)}
        title="Remove the hook"
        name={hook.hook}
        action="Remove it"
        run={remove}
      >
        The app is asked nothing more, and everybody comes past this question.
      </ConfirmByName>
      {secret !== null && <HookSecret secret={secret} rotated onClose={() => setSecret(null)} />}
    </>
  )
}
