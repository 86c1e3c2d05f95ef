import type { ReactNode } from 'react'
import { Button } from './button.js'
import { CodeBlock } from './copy.js'
import { Dialog } from './dialog.js'

/** The only time that a secret is seen. */
export function ShownSecret({
  secret,
  label = 'signing secret',
  title = `The ${label}`,
  lead,
  code,
  onClose,
}: {
  secret: string
  label?: string
  title?: string
  lead: ReactNode
  /** Where it goes. */
  code?: string
  onClose: () => void
}) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      lead={lead}
      footer={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
      wide
    >
      <div className="grid gap-3">
        <CodeBlock label={label} code={secret} />
        {code && <CodeBlock label="TypeScript" code={code} />}
      </div>
    </Dialog>
  )
}
