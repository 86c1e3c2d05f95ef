import { useState } from 'react'
import { Button } from './button.js'
import { count } from '../lib/format.js'

/** Cursors of the pages that were passed, so that there is a way back; begins anew when the filters change. */
export function useCursors(filters: string) {
  const [state, setState] = useState<{ filters: string; passed: string[] }>({ filters, passed: [] })
  const passed = state.filters === filters ? state.passed : []
  return {
    cursor: passed.at(-1),
    pageNumber: passed.length + 1,
    forward: (cursor: string) => setState({ filters, passed: [...passed, cursor] }),
    back: () => setState({ filters, passed: passed.slice(0, -1) }),
  }
}

export function Pager({
  cursors,
  nextCursor,
  total,
  shown,
}: {
  cursors: ReturnType<typeof useCursors>
  nextCursor: string | null | undefined
  total: number | undefined
  shown: number
}) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-4 py-2 text-xs text-soft">
      <span>{total === undefined ? `Page ${cursors.pageNumber}` : `${count(shown)} of ${count(total)}`}</span>
      <span className="flex gap-2">
        <Button className="h-7 px-2 text-xs" disabled={cursors.cursor === undefined} onClick={cursors.back}>
          Previous
        </Button>
        <Button className="h-7 px-2 text-xs" disabled={!nextCursor} onClick={() => nextCursor && cursors.forward(nextCursor)}>
          Next
        </Button>
      </span>
    </div>
  )
}
