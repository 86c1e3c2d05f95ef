import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useId, useState } from 'react'
import { portico } from '../../api/portico.js'
import { projectQuery } from '../../api/project.js'
import { useDebounced } from '../../lib/use-debounced.js'
import { IconButton } from '../../ui/button.js'
import { SearchInput } from '../../ui/field.js'

const SHOWN = 6
export const NONE_CHOSEN = 'Choose at least one project.'

/** `null`: every project, also later ones. An empty list is a choice that is not made yet, and must not be taken for that. */
export type ChosenProjects = readonly string[] | null

/** In which projects; some are found by their name, however many there are. */
export function ProjectChoice({ chosen, onChange }: { chosen: ChosenProjects; onChange: (chosen: ChosenProjects) => void }) {
  const name = useId()
  return (
    <fieldset className="grid gap-2 text-sm">
      <legend className="mb-1 font-medium">Projects</legend>
      <label className="flex items-center gap-2">
        <input
          type="radio"
          name={name}
          className="size-4 accent-accent-solid"
          checked={chosen === null}
          onChange={() => onChange(null)}
        />
        Every project, also those that are made later
      </label>
      <label className="flex items-center gap-2">
        <input type="radio" name={name} className="size-4 accent-accent-solid" checked={chosen !== null} onChange={() => onChange([])} />
        Chosen projects
      </label>
      {chosen !== null && <Chosen chosen={chosen} onChange={onChange} />}
    </fieldset>
  )
}

function Chosen({ chosen, onChange }: { chosen: readonly string[]; onChange: (chosen: readonly string[]) => void }) {
  const [text, setText] = useState('')
  const wanted = useDebounced(text.trim())
  const found = useQuery({
    queryKey: ['projects', 'to-choose', wanted],
    queryFn: async ({ signal }) => (await portico.projects.list({ limit: SHOWN, ...(wanted && { search: wanted }) }, { signal })).data,
  })
  const others = (found.data ?? []).filter(({ id }) => !chosen.includes(id))
  return (
    <div className="grid gap-2 rounded-md border border-line p-3">
      {chosen.length === 0 && <p className="text-xs text-faint">{NONE_CHOSEN}</p>}
      <ul className="flex flex-wrap gap-1.5" aria-label="Chosen projects">
        {chosen.map((projectId) => (
          <li key={projectId} className="inline-flex items-center rounded-md border border-line bg-sunken pl-2">
            <ProjectName projectId={projectId} />
            <IconButton label="Leave it out" className="size-6" onClick={() => onChange(chosen.filter((other) => other !== projectId))}>
              <X className="size-3" />
            </IconButton>
          </li>
        ))}
      </ul>
      <SearchInput label="Name or id of a project" value={text} onChange={(event) => setText(event.target.value)} />
      <ul className="grid gap-px" aria-label="Found projects">
        {others.map((project) => (
          <li key={project.id}>
            <button
              type="button"
              className="flex w-full items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-hover"
              onClick={() => onChange([...chosen, project.id])}
            >
              <span className="truncate">{project.name}</span>
              <span className="ml-auto truncate text-xs text-faint">{project.slug}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

export function ProjectName({ projectId }: { projectId: string }) {
  const { data, error } = useQuery(projectQuery(projectId))
  return <span className="truncate">{data?.name ?? (error ? 'a project that is gone' : 'a project')}</span>
}
