import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { projectQuery, useProjectId } from '../api/project.js'
import { ErrorNote, Note } from '../ui/note.js'
import { Page } from '../ui/page.js'
import { Skeleton } from '../ui/skeleton.js'
import { Time } from '../ui/time.js'

/** The project of the address, known before any of its pages is shown. */
export function ProjectFrame() {
  const projectId = useProjectId()
  const { data: project, error, refetch } = useQuery(projectQuery(projectId))
  if (error)
    return (
      <Page title="Project">
        <ErrorNote error={error} retry={() => void refetch()} />
      </Page>
    )
  if (!project)
    return (
      <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-6 lg:px-8" role="status" aria-label="Loading">
        <Skeleton className="h-6 w-48" />
        <Skeleton className="mt-6 h-40 w-full" />
      </div>
    )
  return (
    <>
      {project.archivedAt !== null && (
        <div className="mx-auto w-full max-w-6xl px-4 pt-4 sm:px-6 lg:px-8">
          <Note tone="warn" title="This project is archived">
            Nobody can sign in to it. It was archived <Time at={project.archivedAt} /> and is purged 30 days after.
          </Note>
        </div>
      )}
      <Outlet key={projectId} />
    </>
  )
}
