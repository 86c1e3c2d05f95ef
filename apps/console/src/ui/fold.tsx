import { createContext, useContext, useState, type Dispatch, type ReactNode, type SetStateAction } from 'react'

type Opened = readonly [titles: readonly string[], change: Dispatch<SetStateAction<readonly string[]>>]

const Around = createContext<Opened | null>(null)

/** Around a form that is begun anew by what was stored: its parts that were opened stay open. */
export function FoldsStay({ children }: { children: ReactNode }) {
  return <Around.Provider value={useState<readonly string[]>([])}>{children}</Around.Provider>
}

/** A part of a form that few need. It opens by itself where a mistake in it is told, and stays as it was opened once that is mended. */
export function Fold({ title, forced, children }: { title: string; forced: boolean; children: ReactNode }) {
  const own = useState<readonly string[]>([])
  const [opened, change] = useContext(Around) ?? own
  const toggled = (isOpen: boolean) =>
    change((titles) => {
      if (titles.includes(title) === isOpen) return titles
      return isOpen ? [...titles, title] : titles.filter((each) => each !== title)
    })
  return (
    <details
      className="rounded-md border border-line px-3 py-2 text-sm"
      open={opened.includes(title) || forced}
      onToggle={(event) => toggled(event.currentTarget.open)}
    >
      <summary className="cursor-pointer font-medium">{title}</summary>
      <div className="mt-3 grid grid-cols-1 gap-3">{children}</div>
    </details>
  )
}
