import type { ReactNode } from 'react'
import { CodeBlock } from './copy.js'

/** A list with nothing in it says what belongs there, and how a script puts it there. */
export function Empty({
  title,
  children,
  action,
  curl,
  sdk,
}: {
  title: string
  children: ReactNode
  action?: ReactNode
  curl?: string
  sdk?: string
}) {
  return (
    <div className="mx-auto grid max-w-2xl justify-items-start gap-3 px-4 py-8 sm:px-8">
      <div>
        <h2 className="text-base font-semibold">{title}</h2>
        <div className="mt-1 text-sm text-soft">{children}</div>
      </div>
      {action}
      {(curl || sdk) && (
        <div className="grid w-full min-w-0 gap-2">
          {sdk && <CodeBlock label="TypeScript" code={sdk} />}
          {curl && <CodeBlock label="curl" code={curl} />}
        </div>
      )}
    </div>
  )
}
