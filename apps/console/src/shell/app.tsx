import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { sessionQuery } from '../api/session.js'
import { ErrorNote } from '../ui/note.js'
import { Spinner } from '../ui/button.js'
import { Shell } from './shell.js'

const Gate = lazy(() => import('../gate/gate.js'))

/** Everything behind the gate: no page is loaded before it is known who reads it. */
export function App() {
  const { data: session, error, refetch } = useQuery(sessionQuery)
  if (error)
    return (
      <main className="mx-auto mt-[15vh] max-w-md px-4">
        <ErrorNote error={error} retry={() => void refetch()} />
      </main>
    )
  if (!session)
    return (
      <main className="grid h-dvh place-items-center text-faint" aria-label="Loading">
        <Spinner />
      </main>
    )
  if (session.setupRequired || (!session.signedIn && session.mode !== 'open'))
    return (
      <Suspense>
        <Gate session={session} />
      </Suspense>
    )
  return <Shell />
}
