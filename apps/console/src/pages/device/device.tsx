import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { isPorticoError, type DeviceLogin } from '@portico/sdk'
import { Check, X } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { useSession } from '../../api/session.js'
import { sayDevice } from '../../lib/device.js'
import { Button } from '../../ui/button.js'
import { Field, Input } from '../../ui/field.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Card, Fact, Facts, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'

/** Where `portico login` sends a person: who asks, and may it in (RFC 8628, 3.3). */
export default function Device() {
  const search = useSearch({ strict: false }) as { user_code?: string }
  const navigate = useNavigate()
  const { mode } = useSession()
  const code = search.user_code?.trim() ?? ''
  const choose = (to: string) => void navigate({ to: '/device', search: (to ? { user_code: to } : {}) as never, replace: true })
  return (
    <Page title="Let a program in" lead="A program on some machine, such as the command line, asks to act for you here.">
      <div className="max-w-lg">
        {mode === 'open' || mode === 'token' ? (
          <Note title="Nobody is signed in here">
            A program is let in by a person. Use an API key instead: <code className="font-mono text-xs">portico login --api-key</code>
          </Note>
        ) : code === '' ? (
          <TypeCode onCode={choose} />
        ) : (
          <Decide key={code} code={code} onOther={() => choose('')} />
        )}
      </div>
    </Page>
  )
}

function TypeCode({ onCode }: { onCode: (code: string) => void }) {
  const [text, setText] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onCode(text.trim())
  }
  return (
    <form onSubmit={submit} className="panel grid gap-3 p-4">
      <Field label="The code that the program shows" hint="Eight letters, such as WDJB-MJHT.">
        {(attributes) => (
          <Input
            {...attributes}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className="h-10 font-mono text-lg uppercase"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            required
            autoFocus
          />
        )}
      </Field>
      <Button type="submit" look="primary" className="justify-self-start">
        Go on
      </Button>
    </form>
  )
}

function Decide({ code, onOther }: { code: string; onOther: () => void }) {
  const { user, role, tenant } = useSession()
  const asked = useQuery({
    queryKey: ['device-login', code],
    queryFn: ({ signal }) => portico.deviceLogins.get(code, { signal }),
    refetchOnWindowFocus: false,
    staleTime: Infinity,
  })
  const decide = useMutation({
    mutationFn: (approve: boolean) => (approve ? portico.deviceLogins.approve(code) : portico.deviceLogins.deny(code)),
  })
  if (decide.data)
    return decide.data.state === 'denied' ? (
      <Note tone="warn" title="It was not let in">
        The program is told so. You can close this page.
      </Note>
    ) : (
      <Note tone="good" title={`${decide.data.clientName} is in`}>
        You can close this page. Its key stands under API keys, where it can be revoked at any time.
      </Note>
    )
  if (asked.error)
    return (
      <div className="grid gap-3">
        {isPorticoError(asked.error, 'not_found') ? (
          <Note tone="bad" title="There is no such code">
            It may be mistyped, used already, or older than ten minutes. The program shows a new one when it is started again.
          </Note>
        ) : (
          <ErrorNote error={asked.error} retry={() => void asked.refetch()} />
        )}
        <Button className="justify-self-start" onClick={onOther}>
          Type another code
        </Button>
      </div>
    )
  if (!asked.data)
    return (
      <div className="panel">
        <SkeletonRows rows={3} />
      </div>
    )
  return (
    <Card title={`Let ${asked.data.clientName} in?`} flush>
      <Asker login={asked.data} />
      <div className="grid gap-3 border-t border-line p-4 text-sm">
        <p>
          It gets an API key that may do what you may as <strong className="font-semibold">{role ?? 'a member'}</strong> of{' '}
          {tenant?.name ?? 'this workspace'}
          {user && <span className="text-soft"> ({user.email})</span>}.
        </p>
        <Note tone="warn">
          Only if you started it yourself just now, and it shows this code. Whoever sent you here with a code of theirs would get in.
        </Note>
        {decide.error && <Note tone="bad">{inPlainWords(decide.error).detail}</Note>}
        <div className="flex flex-wrap gap-2">
          <Button look="primary" icon={<Check className="size-4" />} busy={decide.isPending} onClick={() => decide.mutate(true)}>
            Let it in
          </Button>
          <Button icon={<X className="size-4" />} disabled={decide.isPending} onClick={() => decide.mutate(false)}>
            Refuse
          </Button>
        </div>
      </div>
    </Card>
  )
}

function Asker({ login }: { login: DeviceLogin }) {
  return (
    <Facts>
      <Fact name="Code">
        <span className="font-mono text-lg tracking-wider">{login.userCode}</span>
      </Fact>
      <Fact name="Program">{login.clientName}</Fact>
      <Fact name="From">
        {login.ip && <span className="font-mono text-xs">{login.ip}</span>} {sayDevice(login.device)}
      </Fact>
      <Fact name="Asked">
        <Time at={login.createdAt} />
      </Fact>
    </Facts>
  )
}
