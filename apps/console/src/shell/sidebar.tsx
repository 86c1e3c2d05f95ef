import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft, ChevronsUpDown } from 'lucide-react'
import { lazy, Suspense, useState, type ButtonHTMLAttributes, type ReactNode } from 'react'
import { projectQuery } from '../api/project.js'
import { useSession, type ConsoleSession } from '../api/session.js'
import { cx } from '../lib/cx.js'
import { PROJECT_PREFIX, type PageDescriptor } from './page-descriptor.js'
import { pagesFor } from './page-list.js'

// Loaded when first opened: the first page does not wait for what few press.
const ReaderMenu = lazy(() => import('./reader-menu.js'))
const TenantMenu = lazy(() => import('./tenant-menu.js'))

export function Sidebar({ search }: { search?: ReactNode }) {
  const session = useSession()
  const { projectId } = useParams({ strict: false }) as { projectId?: string }
  return (
    <aside aria-label="Sidebar" className="flex h-full flex-col">
      <div className="flex h-14 items-center gap-2.5 px-4">
        <Mark />
        {session.tenants.length > 1 ? (
          <TenantName session={session} />
        ) : (
          <span className="min-w-0 truncate text-base font-semibold">{session.tenant?.name ?? 'Portico'}</span>
        )}
      </div>
      {search && <div className="px-3 pb-2">{search}</div>}
      <nav aria-label="Pages" className="flex-1 overflow-y-auto px-3 pb-4">
        {projectId === undefined ? (
          <>
            <Links pages={pagesFor(session, 'main')} />
            <h2 className="mt-5 mb-1 px-2 text-xs font-medium text-faint">Workspace</h2>
            <Links pages={pagesFor(session, 'team')} />
          </>
        ) : (
          <>
            <Link to="/projects" className="mb-1 flex items-center gap-1.5 rounded-md px-2 py-1 text-xs text-soft hover:text-ink">
              <ArrowLeft className="size-3" /> All projects
            </Link>
            <ProjectName projectId={projectId} />
            <Links pages={pagesFor(session, 'project')} projectId={projectId} />
          </>
        )}
      </nav>
      <Reader session={session} />
    </aside>
  )
}

/** Of somebody who belongs to several; pressed, it shows the others. */
function TenantName({ session }: { session: ConsoleSession }) {
  const [asked, setAsked] = useState(false)
  const face = (
    <button
      type="button"
      aria-haspopup="menu"
      title="Other workspaces"
      onClick={() => setAsked(true)}
      className="flex min-w-0 items-center gap-1 rounded-md text-base font-semibold hover:bg-hover"
    >
      <span className="truncate">{session.tenant?.name}</span>
      <ChevronsUpDown className="size-3.5 shrink-0 text-faint" aria-hidden="true" />
    </button>
  )
  return asked ? (
    <Suspense fallback={face}>
      <TenantMenu session={session} trigger={face} />
    </Suspense>
  ) : (
    face
  )
}

function ProjectName({ projectId }: { projectId: string }) {
  const { data } = useQuery(projectQuery(projectId))
  return <p className="mb-2 truncate px-2 text-base font-semibold">{data?.name ?? ' '}</p>
}

function Links({ pages, projectId }: { pages: PageDescriptor[]; projectId?: string }) {
  return (
    <ul className="grid gap-px">
      {pages.map(({ path, title, icon: Icon }) => (
        <li key={path}>
          <Link
            to={path}
            {...(projectId !== undefined && { params: { projectId } })}
            activeOptions={{ exact: path === '/' || path === PROJECT_PREFIX, includeSearch: false }}
            className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-soft hover:bg-hover hover:text-ink"
            activeProps={{ className: 'bg-hover font-medium text-ink', 'aria-current': 'page' }}
          >
            <Icon className="size-4 shrink-0" aria-hidden="true" />
            {title}
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Reader({ session }: { session: ConsoleSession }) {
  const [asked, setAsked] = useState(false)
  const face = <ReaderButton session={session} onClick={() => setAsked(true)} />
  return (
    <div className="border-t border-line p-2">
      {asked ? (
        <Suspense fallback={face}>
          <ReaderMenu session={session} trigger={<ReaderButton session={session} />} />
        </Suspense>
      ) : (
        face
      )}
    </div>
  )
}

function ReaderButton({ session, ...rest }: { session: ConsoleSession } & ButtonHTMLAttributes<HTMLButtonElement>) {
  const name = nameOf(session)
  return (
    <button
      type="button"
      aria-haspopup="menu"
      {...rest}
      className="flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-hover"
    >
      <span
        className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
        aria-hidden="true"
      >
        {name[0]?.toUpperCase()}
      </span>
      <span className="min-w-0 flex-1 leading-tight">
        <span className="block truncate text-sm">{name}</span>
        {session.role && <span className="block text-xs text-faint">{session.role}</span>}
      </span>
      <ChevronsUpDown className="size-3.5 text-faint" aria-hidden="true" />
    </button>
  )
}

const NAMELESS = { open: 'Open mode', demo: 'Demo visitor' } as const

const nameOf = ({ user, banner }: ConsoleSession): string => user?.email ?? (banner ? NAMELESS[banner] : 'API key')

export function Mark({ className = 'size-6' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={cx(className, 'shrink-0')} aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-accent-solid" />
      <path d="M8 24V14.5a8 8 0 0 1 16 0V24M13 24v-9a3 3 0 0 1 6 0v9" fill="none" stroke="#fff" strokeWidth="2.4" strokeLinecap="round" />
    </svg>
  )
}
