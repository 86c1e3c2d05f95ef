import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { useSession } from '../api/session.js'

/** Seen on every page while nobody has to sign in: whoever reaches this address is an owner. */
export function Banner() {
  const { mode } = useSession()
  if (mode !== 'open') return null
  return (
    <section
      aria-label="Access"
      className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 bg-bad-solid px-4 py-1.5 text-sm text-white"
    >
      <TriangleAlert className="size-4 shrink-0" aria-hidden="true" />
      <span>Open mode: whoever reaches this address is an owner.</span>
      <Link
        to="/settings"
        hash="sign-in"
        className="rounded border border-white/70 px-2 font-medium hover:bg-white/15 focus-visible:outline-white"
      >
        Turn sign-in on
      </Link>
    </section>
  )
}
