import { useSyncExternalStore } from 'react'
import { inPlainWords } from '../api/plain-words.js'
import { cx } from '../lib/cx.js'

interface Message {
  id: number
  text: string
  tone: 'good' | 'bad'
}

let messages: readonly Message[] = []
let next = 1
const listeners = new Set<() => void>()
const SHOWN_MS = { good: 4_000, bad: 10_000 }

function change(to: readonly Message[]): void {
  messages = to
  for (const listener of listeners) listener()
}

function say(text: string, tone: Message['tone']): void {
  const id = next++
  change([...messages.slice(-2), { id, text, tone }])
  setTimeout(() => change(messages.filter((message) => message.id !== id)), SHOWN_MS[tone])
}

/** Said once it has happened, never before. */
export const toast = {
  done: (text: string) => say(text, 'good'),
  failed: (error: unknown) => {
    const { title, detail } = inPlainWords(error)
    say(`${title}. ${detail}`, 'bad')
  },
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => messages)
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-4 z-50 flex flex-col items-center gap-2 sm:items-end"
    >
      {shown.map(({ id, text, tone }) => (
        <div
          key={id}
          className={cx(
            'pointer-events-auto max-w-md rounded-lg border bg-raised px-3.5 py-2.5 text-sm shadow-pop',
            tone === 'bad' ? 'border-bad/40 text-bad' : 'border-line',
          )}
        >
          {text}
        </div>
      ))}
    </div>
  )
}
