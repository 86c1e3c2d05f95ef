import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { cx } from '../lib/cx.js'
import { toast } from './toast.js'

const SHOWN_MS = 1_500

export function useCopy(): [copied: boolean, copy: (text: string) => void] {
  const [copied, setCopied] = useState(false)
  const copy = (text: string) => {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true)
        setTimeout(() => setCopied(false), SHOWN_MS)
      },
      () => toast.failed(new Error('The browser did not let the page write to the clipboard.')),
    )
  }
  return [copied, copy]
}

/** An id or a secret's name that a click copies. */
export function CopyId({
  value,
  label = 'id',
  short = false,
  whole = false,
  className = '',
}: {
  value: string
  label?: string
  short?: boolean
  /** Broken over lines where it has no room, instead of cut: what is compared with another screen has to be seen to its end. */
  whole?: boolean
  className?: string
}) {
  const [copied, copy] = useCopy()
  const shown = short && value.length > 16 ? `${value.slice(0, 9)}…${value.slice(-4)}` : value
  return (
    <button
      type="button"
      title={`Copy ${value}`}
      aria-label={`Copy ${label} ${shown}`}
      onClick={(event) => {
        event.preventDefault()
        event.stopPropagation()
        copy(value)
      }}
      className={cx(
        'group inline-flex max-w-full items-center gap-1 rounded pr-1 font-mono text-xs text-soft hover:bg-hover hover:text-ink',
        className,
      )}
    >
      <span className={whole ? 'min-w-0 text-left break-all' : 'truncate'}>{shown}</span>
      {copied ? <Check className="size-3 shrink-0 text-good" /> : <Copy className="size-3 shrink-0 opacity-60 group-hover:opacity-100" />}
    </button>
  )
}

/** Text to paste somewhere, with a button that copies it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  const [copied, copy] = useCopy()
  return (
    <div className="relative min-w-0">
      <pre
        tabIndex={0}
        aria-label={label}
        className="overflow-x-auto rounded-md border border-line bg-sunken p-3 pr-11 font-mono text-xs leading-5"
      >
        <code>{code}</code>
      </pre>
      <button
        type="button"
        aria-label={`Copy ${label}`}
        title="Copy"
        onClick={() => copy(code)}
        className="absolute top-2 right-2 inline-flex size-7 items-center justify-center rounded-md border border-line bg-panel text-soft hover:text-ink"
      >
        {copied ? <Check className="size-3.5 text-good" /> : <Copy className="size-3.5" />}
      </button>
    </div>
  )
}
