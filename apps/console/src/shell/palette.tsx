import { Dialog } from '@base-ui/react/dialog'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { useDeferredValue, useState, type ReactNode } from 'react'
import { portico } from '../api/portico.js'
import { useSession } from '../api/session.js'
import { pagesFor } from './page-list.js'

const ITEM = 'flex items-center gap-2.5 rounded-md px-2.5 py-2 text-sm data-[selected=true]:bg-hover'
const GROUP =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint'
const FOUND = 6

/** ⌘K: any page, any project by name or id, and in a project any person by address or id. */
export default function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState('')
  const wanted = useDeferredValue(text.trim())
  const navigate = useNavigate()
  const session = useSession()
  const { projectId } = useParams({ strict: false }) as { projectId?: string }
  const projects = useQuery({
    queryKey: ['palette', 'projects', wanted],
    queryFn: async ({ signal }) => (await portico.projects.list({ limit: FOUND, ...(wanted && { search: wanted }) }, { signal })).data,
    enabled: open,
  })
  const people = useQuery({
    queryKey: ['palette', 'people', projectId, wanted],
    queryFn: async ({ signal }) => (await portico.users.list(projectId!, { limit: FOUND, search: wanted }, { signal })).data,
    enabled: open && projectId !== undefined && wanted.length > 1,
  })
  const close = () => {
    setText('')
    onClose()
  }
  const go = (to: string, params: Record<string, string> = {}) => {
    close()
    void navigate({ to, params })
  }
  const matches = (title: string) => title.toLowerCase().includes(wanted.toLowerCase())
  const pages = [
    ...(projectId === undefined ? [] : pagesFor(session, 'project')),
    ...pagesFor(session, 'main'),
    ...pagesFor(session, 'team'),
  ].filter(({ title }) => matches(title))

  // What is chosen is the first there is, until the arrows say otherwise: results come late, and Enter must not hit what is gone.
  const values = [
    ...(people.data ?? []).map(({ id }) => `person ${id}`),
    ...pages.map(({ path }) => `page ${path}`),
    ...(projects.data ?? []).map(({ id }) => `project ${id}`),
  ]
  const selected = values.includes(chosen) ? chosen : (values[0] ?? '')

  return (
    <Dialog.Root open={open} onOpenChange={(isOpen) => !isOpen && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-50 bg-black/40" />
        <Dialog.Popup
          aria-label="Search"
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-raised shadow-pop"
        >
          <Command shouldFilter={false} loop label="Search" value={selected} onValueChange={setChosen}>
            <Command.Input
              autoFocus
              value={text}
              onValueChange={setText}
              placeholder={projectId === undefined ? 'A project or a page' : 'A person, a project or a page'}
              className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none"
            />
            <Command.List className="max-h-[55vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-center text-sm text-faint">
                {projects.isFetching || people.isFetching ? 'Searching …' : 'Nothing is called that.'}
              </Command.Empty>
              <Group heading="People" shown={people.data?.length}>
                {people.data?.map((user) => (
                  <Command.Item
                    key={user.id}
                    value={`person ${user.id}`}
                    className={ITEM}
                    onSelect={() => go('/projects/$projectId/people/$userId', { projectId: projectId!, userId: user.id })}
                  >
                    {user.email}
                  </Command.Item>
                ))}
              </Group>
              <Group heading="Pages" shown={pages.length}>
                {pages.map(({ path, title, icon: Icon, section }) => (
                  <Command.Item
                    key={path}
                    value={`page ${path}`}
                    className={ITEM}
                    onSelect={() => go(path, section === 'project' ? { projectId: projectId! } : {})}
                  >
                    <Icon className="size-4 text-faint" aria-hidden="true" />
                    {title}
                    {section === 'project' && <span className="ml-auto text-xs text-faint">this project</span>}
                  </Command.Item>
                ))}
              </Group>
              <Group heading="Projects" shown={projects.data?.length}>
                {projects.data?.map((project) => (
                  <Command.Item
                    key={project.id}
                    value={`project ${project.id}`}
                    className={ITEM}
                    onSelect={() => go('/projects/$projectId', { projectId: project.id })}
                  >
                    <span className="truncate">{project.name}</span>
                    <span className="ml-auto truncate text-xs text-faint">{project.slug}</span>
                  </Command.Item>
                ))}
              </Group>
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Group({ heading, shown, children }: { heading: string; shown: number | undefined; children: ReactNode }) {
  if (!shown) return null
  return (
    <Command.Group heading={heading} className={GROUP}>
      {children}
    </Command.Group>
  )
}
