import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { useSession } from '../../api/session.js'
import { Button } from '../../ui/button.js'
import { Input } from '../../ui/field.js'
import { toast } from '../../ui/toast.js'

/** What is in use, to a mailbox of one's own: how a mail program shows it is seen there alone. */
export function SendTest({
  projectId,
  template,
  locale,
  unsaved,
  denied,
}: {
  projectId: string
  template: string
  locale: string
  unsaved: boolean
  denied: string | false
}) {
  const { user } = useSession()
  const [to, setTo] = useState(user?.email ?? '')
  const send = useMutation({
    mutationFn: () => portico.mail.sendTest(projectId, template, locale, to.trim()),
    onSuccess: () => toast.done(`On its way to ${to.trim()}`),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (denied === false) send.mutate()
  }
  return (
    <form onSubmit={submit} className="grid gap-1 border-t border-line px-4 py-3">
      <div className="flex flex-wrap gap-2">
        <Input
          type="email"
          aria-label="Send a test to"
          placeholder="you@example.com"
          className="w-auto min-w-40 flex-1"
          value={to}
          onChange={(event) => setTo(event.target.value)}
          required
        />
        <Button type="submit" busy={send.isPending} deniedBecause={denied || (unsaved && 'Save first: what is in use is sent')}>
          Send a test
        </Button>
      </div>
      {send.error && <p className="text-xs text-bad">{inPlainWords(send.error).detail}</p>}
    </form>
  )
}
