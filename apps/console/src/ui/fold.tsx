import { useState, type ReactNode } from 'react'

/** A part that is opened where it is needed. `forced`: something in it is wrong; it stays open after that is mended. */
export function Fold({ title, forced, children }: { title: string; forced: boolean; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details
      className="rounded-md border border-line px-3 py-2 text-sm"
      open={isOpen || forced}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className="cursor-pointer font-medium">{title}</summary>
      <div className="mt-3 grid grid-cols-1 gap-3">{children}</div>
    </details>
  )
}
