import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { cx } from '../lib/cx.js'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent-solid text-white border-transparent hover:bg-accent-hover',
  plain: 'bg-panel text-ink border-line-strong hover:bg-hover',
  quiet: 'border-transparent text-soft hover:bg-hover hover:text-ink',
  danger: 'bg-bad-solid text-white border-transparent hover:brightness-110',
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look
  busy?: boolean
  icon?: ReactNode
  /** Why it cannot be pressed: shown on hover and told to screen readers. */
  deniedBecause?: string | false | null
}

export const buttonClass = (look: Look = 'plain', extra = ''): string =>
  cx(
    'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md border px-3 text-sm font-medium whitespace-nowrap transition-colors',
    'disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55',
    LOOKS[look],
    extra,
  )

export function Button({ look = 'plain', busy = false, icon, deniedBecause, className = '', children, onClick, ...rest }: ButtonProps) {
  const denied = Boolean(deniedBecause)
  return (
    <button
      type="button"
      {...rest}
      // Still focusable, so that the reason can be read with a keyboard.
      aria-disabled={denied || busy || undefined}
      title={deniedBecause || rest.title}
      onClick={denied || busy ? (event) => event.preventDefault() : onClick}
      className={buttonClass(look, className)}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  )
}

export function IconButton({ label, children, className = '', ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={cx(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink disabled:opacity-50',
        className,
      )}
    >
      {children}
    </button>
  )
}

export function Spinner() {
  return (
    <svg className="size-3.5 animate-spin" viewBox="0 0 16 16" fill="none" aria-hidden="true">
      <circle cx="8" cy="8" r="6" stroke="currentColor" strokeOpacity="0.25" strokeWidth="2" />
      <path d="M14 8a6 6 0 0 0-6-6" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  )
}
