import { Outlet, useLocation } from '@tanstack/react-router'
import { Menu, Search } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { IconButton } from '../ui/button.js'
import { Banner } from './banner.js'
import { Drawer } from './drawer.js'
import { Sidebar } from './sidebar.js'

const Palette = lazy(() => import('./palette.js'))
const isMac = /Mac|iPhone|iPad/.test(navigator.platform)

export function Shell() {
  const [palette, setPalette] = useState<'never' | 'open' | 'closed'>('never')
  const [drawer, setDrawer] = useState(false)
  const { pathname } = useLocation()
  const openPalette = () => setPalette('open')

  useEffect(() => setDrawer(false), [pathname])
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      setPalette((now) => (now === 'open' ? 'closed' : 'open'))
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])

  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to the content
      </a>
      <Banner />
      <div className="flex flex-1">
        <div className="hidden w-60 shrink-0 border-r border-line bg-panel lg:block">
          <div className="sticky top-0 h-full max-h-dvh">
            <Sidebar search={<SearchButton onClick={openPalette} />} />
          </div>
        </div>
        <div className="flex min-w-0 flex-1 flex-col">
          <header className="sticky top-0 z-30 flex h-12 items-center gap-1 border-b border-line bg-panel px-2 lg:hidden">
            <IconButton label="Menu" onClick={() => setDrawer(true)}>
              <Menu className="size-4.5" />
            </IconButton>
            <span className="flex-1 text-base font-semibold">Portico</span>
            <IconButton label="Search" onClick={openPalette}>
              <Search className="size-4" />
            </IconButton>
          </header>
          <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
            <Suspense>
              <Outlet />
            </Suspense>
          </main>
        </div>
      </div>
      <Drawer open={drawer} onClose={() => setDrawer(false)} />
      {palette !== 'never' && (
        <Suspense>
          <Palette open={palette === 'open'} onClose={() => setPalette('closed')} />
        </Suspense>
      )}
    </div>
  )
}

function SearchButton({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" onClick={onClick} className="control flex w-full items-center gap-2 text-faint hover:text-ink">
      <Search className="size-3.5" aria-hidden="true" />
      <span className="flex-1 text-left">Search</span>
      <kbd className="rounded border border-line px-1 font-sans text-xs">{isMac ? '⌘K' : 'Ctrl K'}</kbd>
    </button>
  )
}
