import { Link } from '@tanstack/react-router'
import { Eye, TriangleAlert } from 'lucide-react'
import { signOut } from '../api/demo.js'
import { useSession } from '../api/session.js'

const BAR = 'flex flex-wrap items-center justify-center gap-x-3 gap-y-1 px-4 py-1.5 text-sm text-white'
const WAY_OUT = 'rounded border border-white/70 px-2 font-medium hover:bg-white/15 focus-visible:outline-white'

/** Seen on every page: while nobody has to sign in whoever reaches this address is an owner; in the demo nothing is real. */
export function Banner() {
  const { banner } = useSession()
  if (banner === 'demo')
    return (
      <section aria-label="Demo" className={`${BAR} bg-accent-solid`}>
        <Eye className="size-4 shrink-0" aria-hidden="true" />
        <span>The demo: made-up projects to look around in. Nothing can be changed.</span>
        <button type="button" className={WAY_OUT} onClick={() => void signOut()}>
          Leave the demo
        </button>
      </section>
    )
  if (banner !== 'open') return null
  return (
    <section aria-label="Access" className={`${BAR} bg-bad-solid`}>
      <TriangleAlert className="size-4 shrink-0" aria-hidden="true" />
      <span>Open mode: whoever reaches this address is an owner.</span>
      <Link to="/settings" hash="sign-in" className={WAY_OUT}>
        Turn sign-in on
      </Link>
    </section>
  )
}
