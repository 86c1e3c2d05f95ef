import { revalidatePath } from 'next/cache'
import { auth } from '../../lib/auth.js'

const notes = (globalThis.notes ??= new Map())

// An action is a public address of its own: it asks who is there itself.
async function add(form) {
  'use server'
  const session = await auth.getSession()
  if (!session) throw new Error('Sign in first.')
  const text = String(form.get('text') ?? '').trim().slice(0, 200)
  if (text !== '') notes.set(session.claims.sub, [...(notes.get(session.claims.sub) ?? []), text])
  revalidatePath('/notes')
}

export default async function Notes() {
  const { claims } = await auth.getSession()
  return (
    <>
      <h1>Notes of {claims.email}</h1>
      <ul>
        {(notes.get(claims.sub) ?? []).map((text, at) => (
          <li key={at}>{text}</li>
        ))}
      </ul>
      <form action={add}>
        <label>
          Text <input name="text" required maxLength={200} />
        </label>
        <button>Save</button>
      </form>
    </>
  )
}
