import { useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { useForm } from 'react-hook-form'
import { enterDemo } from '../api/demo.js'
import { PERMISSIONS } from '../api/permissions.js'
import { inPlainWords } from '../api/plain-words.js'
import { portico } from '../api/portico.js'
import { may, sessionQuery, type ConsoleSession } from '../api/session.js'
import { Mark } from '../shell/sidebar.js'
import { Button, buttonClass } from '../ui/button.js'
import { Field, Input } from '../ui/field.js'
import { ErrorNote } from '../ui/note.js'
import { useTitle } from '../ui/page.js'
import { Counts } from './counts.js'

/** What stands before the pages: the first owner is made, an API key typed, or the sign-in page of the console's own project opened. */
export default function Gate({ session }: { session: ConsoleSession }) {
  if (session.setupRequired) return <SetUp demo={session.demo} />
  if (session.mode === 'token') return <Token counts={may(session, PERMISSIONS.readStats)} demo={session.demo} />
  return <SignIn session={session} />
}

function Frame({ title, lead, demo, children }: { title: string; lead: ReactNode; demo: boolean; children: ReactNode }) {
  useTitle(title)
  return (
    <main className="mx-auto grid w-full max-w-sm gap-5 px-5 pt-[14vh] pb-10">
      <Mark className="size-9" />
      <div>
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        <div className="mt-1 text-sm text-soft">{lead}</div>
      </div>
      {children}
      {demo && <Demo />}
    </main>
  )
}

/** Needs no name: what it shows is made up. */
function Demo() {
  const [busy, setBusy] = useState(false)
  const enter = () => {
    setBusy(true)
    void enterDemo().finally(() => setBusy(false))
  }
  return (
    <section aria-label="Demo" className="grid gap-2 border-t border-line pt-5">
      <Button className="h-10 w-full text-base" busy={busy} onClick={enter}>
        Enter the demo
      </Button>
      <p className="text-xs text-faint">Three made-up projects to look around in, without an account. Nothing in it can be changed.</p>
    </section>
  )
}

function SignIn({ session }: { session: ConsoleSession }) {
  return (
    <Frame
      demo={session.demo}
      title="Sign in to Portico"
      lead={
        session.mode === 'oidc'
          ? 'The people of this platform sign in with their organization’s account.'
          : 'With your password, a passkey or a mailed link: whatever this installation allows.'
      }
    >
      {session.signInUrl ? (
        <a href={comingBack(session.signInUrl)} className={buttonClass('primary', 'h-10 w-full text-base')}>
          {session.mode === 'oidc' ? 'Continue with single sign-on' : 'Continue'}
        </a>
      ) : (
        <ErrorNote error={new Error('This installation has no sign-in page configured. Its log says what is missing.')} />
      )}
      {session.localSignInUrl && (
        <a href={comingBack(session.localSignInUrl)} className="text-center text-sm text-soft underline hover:text-ink">
          The issuer is down: use a password or passkey
        </a>
      )}
    </Frame>
  )
}

/** The page that was asked for is where the browser comes back to. */
function comingBack(url: string): string {
  const at = new URL(url, location.origin)
  at.searchParams.set('next', location.pathname + location.search)
  return at.href
}

function Token({ counts, demo }: { counts: boolean; demo: boolean }) {
  return (
    <Frame
      demo={demo}
      title="Open with an API key"
      lead={
        <>
          Type a platform key (<code className="font-mono text-xs">msk_…</code>) once. It is kept in a cookie that scripts cannot read.
        </>
      }
    >
      <GateForm
        send={({ token = '' }) => portico.console.enterToken(token)}
        fields={[{ name: 'token', label: 'API key', type: 'password', autoComplete: 'off' }]}
        action="Open the console"
      />
      {counts && <Counts />}
    </Frame>
  )
}

function SetUp({ demo }: { demo: boolean }) {
  return (
    <Frame
      demo={demo}
      title="Make the first owner"
      lead="Nobody can sign in yet. The code was printed in the log of the control plane when it started; whoever has it decides who owns this installation."
    >
      <GateForm
        send={({ code = '', email = '', password = '' }) => portico.console.setUp({ code, email, password })}
        fields={[
          { name: 'code', label: 'Code from the log', type: 'text', autoComplete: 'one-time-code' },
          { name: 'email', label: 'Your email address', type: 'email', autoComplete: 'username' },
          {
            name: 'password',
            label: 'A new password',
            type: 'password',
            autoComplete: 'new-password',
            hint: 'At least 8 characters, and not a common one.',
          },
        ]}
        action="Become the owner"
      />
    </Frame>
  )
}

interface GateField {
  name: string
  label: string
  type: string
  autoComplete: string
  hint?: string
}

interface GateFormProps {
  send: (values: Record<string, string>) => Promise<unknown>
  fields: GateField[]
  action: string
}

function GateForm({ send, fields, action }: GateFormProps) {
  const client = useQueryClient()
  const { register, handleSubmit, setError, formState } = useForm<Record<string, string>>()
  const submit = handleSubmit(async (values) => {
    try {
      await send(values)
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey })
    } catch (error) {
      setError('root', { message: inPlainWords(error).detail })
    }
  })
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-3">
      {fields.map(({ name, label, hint, ...rest }) => (
        <Field key={name} label={label} hint={hint} problem={formState.errors[name]?.message}>
          {(attributes) => <Input {...attributes} {...rest} {...register(name, { required: `${label} is needed.` })} className="h-10" />}
        </Field>
      ))}
      {formState.errors.root && <ErrorNote error={new Error(formState.errors.root.message)} />}
      <Button type="submit" look="primary" className="h-10 text-base" busy={formState.isSubmitting}>
        {action}
      </Button>
    </form>
  )
}
