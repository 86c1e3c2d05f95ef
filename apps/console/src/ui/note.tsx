import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { inPlainWords } from '../api/plain-words.js'
import { cx } from '../lib/cx.js'
import { Button } from './button.js'

type Tone = 'info' | 'good' | 'warn' | 'bad'

const TONES = {
  info: { look: 'border-line bg-sunken', ink: 'text-soft', Icon: Info },
  good: { look: 'border-good/30 bg-good-soft', ink: 'text-good', Icon: CircleCheck },
  warn: { look: 'border-warn/30 bg-warn-soft', ink: 'text-warn', Icon: TriangleAlert },
  bad: { look: 'border-bad/30 bg-bad-soft', ink: 'text-bad', Icon: CircleAlert },
} as const

export function Note({
  tone = 'info',
  title,
  children,
  actions,
}: {
  tone?: Tone
  title?: string | undefined
  children?: ReactNode
  actions?: ReactNode
}) {
  const { look, ink, Icon } = TONES[tone]
  return (
    <div role={tone === 'bad' ? 'alert' : undefined} className={cx('flex items-start gap-2.5 rounded-lg border px-3 py-2.5 text-sm', look)}>
      <Icon className={cx('mt-0.5 size-4 shrink-0', ink)} aria-hidden="true" />
      <div className="min-w-0 flex-1 break-words">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className="text-soft">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  )
}

/** A failed call in plain words, with the id that names it in the logs. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, detail, requestId } = inPlainWords(error)
  return (
    <Note tone="bad" title={title} actions={retry && <Button onClick={retry}>Try again</Button>}>
      <p>{detail}</p>
      {requestId && <p className="mt-1 text-xs">Request {requestId}</p>}
    </Note>
  )
}
