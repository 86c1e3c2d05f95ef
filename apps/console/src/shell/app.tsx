import { useQuery } from '@tanstack/react-query'
import { Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { sessionQuery, type ConsoleSession } from '../api/session.js'
import { ErrorNote } from '../ui/note.js'
import { Spinner } from '../ui/button.js'
import { PAGES } from './page-list.js'
import { Shell } from './shell.js'

const Gate = lazy(() => import('../gate/gate.js'))

/** Everything behind the gate: no page is loaded before it is known who reads it. */
export function App() {
  const { pathname } = useLocation()
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
  const isIn = !session.setupRequired && (session.signedIn || session.mode === 'open')
  if (!isIn && isBeforeSignIn(pathname, session))
    return (
      <main>
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
    )
  if (!isIn)
    return (
      <Suspense>
        <Gate session={session} />
      </Suspense>
    )
  return <Shell />
}

const isBeforeSignIn = (path: string, session: ConsoleSession): boolean =>
  PAGES.some((page) => page.beforeSignIn && page.path === path && (page.when?.(session) ?? true))
