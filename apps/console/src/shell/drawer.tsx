import { X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { IconButton } from '../ui/button.js'
import { Sidebar } from './sidebar.js'

/** The sidebar on a phone. The browser's own modal dialog: focus, Escape and what is behind are its work. */
export function Drawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog
      ref={dialog}
      aria-label="Menu"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      className="m-0 h-dvh max-h-none w-72 max-w-[85vw] border-r border-line bg-panel text-ink backdrop:bg-black/40 lg:hidden"
    >
      {open && (
        <>
          <IconButton label="Close" onClick={onClose} className="absolute top-3 right-2">
            <X className="size-4" />
          </IconButton>
          <Sidebar />
        </>
      )}
    </dialog>
  )
}
