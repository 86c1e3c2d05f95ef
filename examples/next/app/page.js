import { auth } from '../lib/auth.js'

export default async function Home() {
  const session = await auth.getSession()
  if (!session) return <a href="/auth/sign-in?next=/notes">Sign in</a>
  return (
    <>
      <p>Hello {session.claims.email}</p>
      <a href="/notes">Notes</a>
      <form method="post" action="/auth/sign-out">
        <button>Sign out</button>
      </form>
    </>
  )
}
