import { useEffect, type ReactNode } from 'react'
import { cx } from '../lib/cx.js'

/** The frame of every page: one heading, what can be done beside it, the content below. */
export function Page({
  title,
  lead,
  actions,
  children,
  wide = false,
}: {
  title: string
  lead?: ReactNode
  actions?: ReactNode
  children: ReactNode
  wide?: boolean
}) {
  useTitle(title)
  return (
    <div className={cx('mx-auto w-full px-4 py-6 sm:px-6 lg:px-8', wide ? 'max-w-[86rem]' : 'max-w-6xl')}>
      <div className="mb-5 flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
          {lead && <div className="mt-0.5 max-w-prose text-sm text-soft">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Portico`
  }, [title])
}

export function Card({
  title,
  lead,
  actions,
  children,
  flush = false,
  className = '',
}: {
  title?: string
  lead?: ReactNode
  actions?: ReactNode
  children?: ReactNode
  /** The content reaches the edges, as a table does. */
  flush?: boolean
  className?: string
}) {
  return (
    <section className={cx('panel min-w-0', className)} aria-label={title}>
      {title && (
        <header className="flex items-center justify-between gap-3 border-b border-line px-4 py-2.5">
          <div className="min-w-0">
            <h2 className="text-base font-semibold">{title}</h2>
            {lead && <p className="text-xs text-soft">{lead}</p>}
          </div>
          {actions && <div className="flex shrink-0 items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  )
}

/** Names on the left, values on the right; below each other on a phone. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="divide-y divide-line">{children}</dl>
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-0.5 px-4 py-2 text-sm sm:grid-cols-[10rem_1fr]">
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  )
}
