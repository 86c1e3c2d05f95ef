import { useQuery } from '@tanstack/react-query'
import type { AuthService } from '@portico/sdk'
import { PERMISSIONS } from '../../api/permissions.js'
import { authQuery, useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { useState } from 'react'
import { LookForm, type Draft } from './look-form.js'
import { LookPreview } from './look-preview.js'

export default function Look() {
  const projectId = useProjectId()
  const { data: auth, error, refetch } = useQuery(authQuery(projectId))
  return (
    <Page title="Look" lead="How this project’s own pages and mails look, and in which language they speak." wide>
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : auth === undefined ? (
        <div className="panel">
          <SkeletonRows />
        </div>
      ) : auth === null || !auth.enabled ? (
        <div className="panel">
          <Empty title="Auth is off in this project" sdk={`await portico.projects.auth.enable('${projectId}')`}>
            Its pages are there once auth is turned on.
          </Empty>
        </div>
      ) : (
        <Both key={projectId} projectId={projectId} auth={auth} />
      )}
    </Page>
  )
}

function Both({ projectId, auth }: { projectId: string; auth: AuthService }) {
  const denied = useDenied(PERMISSIONS.changeAuth)
  const { branding, defaultLocale } = auth.settings
  const [draft, setDraft] = useState<Draft | null>(null)
  const shown = draft ?? { branding, defaultLocale }
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[22rem_1fr]">
      <LookForm projectId={projectId} shown={shown} changed={draft !== null} onChange={setDraft} denied={denied} />
      <LookPreview projectId={projectId} shown={shown} denied={denied} />
    </div>
  )
}
