import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { useState, type FormEvent, type ReactNode } from 'react'
import { cx } from '../lib/cx.js'
import { Button, IconButton } from './button.js'
import { ErrorNote } from './note.js'

export function Dialog({
  open,
  onClose,
  title,
  lead,
  children,
  footer,
  wide = false,
}: {
  open: boolean
  onClose: () => void
  title: string
  lead?: ReactNode
  children?: ReactNode
  footer?: ReactNode
  wide?: boolean
}) {
  return (
    <Base.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0" />
        <Base.Popup
          className={cx(
            'fixed top-[8vh] left-1/2 z-40 flex max-h-[84vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col rounded-xl border border-line',
            'bg-raised shadow-pop transition-[opacity,scale] data-[ending-style]:opacity-0 data-[starting-style]:scale-98 data-[starting-style]:opacity-0',
            wide ? 'max-w-2xl' : 'max-w-md',
          )}
        >
          <div className="flex items-start justify-between gap-3 px-5 pt-4">
            <div className="min-w-0">
              <Base.Title className="text-lg font-semibold">{title}</Base.Title>
              {lead && (
                <Base.Description render={<div />} className="mt-0.5 text-sm text-soft">
                  {lead}
                </Base.Description>
              )}
            </div>
            <Base.Close render={<IconButton label="Close" className="-mr-2" />}>
              <X className="size-4" />
            </Base.Close>
          </div>
          {/* One long word of a form must not push its buttons out of a phone's screen. */}
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4 [&>form]:grid-cols-1">{children}</div>
          {footer && <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** For what cannot be taken back: what will happen, and the name typed out. */
export function ConfirmByName({
  open,
  onClose,
  title,
  name,
  action,
  run,
  children,
}: {
  open: boolean
  onClose: () => void
  title: string
  name: string
  action: string
  run: () => Promise<unknown>
  children: ReactNode
}) {
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const close = () => {
    setTyped('')
    setError(null)
    onClose()
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await run()
      close()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={open} onClose={close} title={title}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <div className="text-sm text-soft">{children}</div>
        <label className="grid gap-1 text-sm">
          <span>
            Type <strong className="font-semibold break-all">{name}</strong> to go on
          </span>
          <input
            className="control w-full"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </label>
        {error !== null && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Keep it</Button>
          <Button type="submit" look="danger" busy={busy} disabled={typed !== name}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
