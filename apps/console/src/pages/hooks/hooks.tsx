import { useQuery } from '@tanstack/react-query'
import type { Hook, HookName } from '@portico/sdk'
import { lazy, Suspense, useState } from 'react'
import { hooksQuery } from '../../api/hooks.js'
import { choicesOf, openapiQuery } from '../../api/openapi.js'
import { PERMISSIONS } from '../../api/permissions.js'
import { useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { Empty } from '../../ui/empty.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { HookRow } from './hook-row.js'

const HookForm = lazy(() => import('./hook-form.js'))

export default function Hooks() {
  const projectId = useProjectId()
  const denied = useDenied(PERMISSIONS.changeAuth)
  const [setting, setSetting] = useState<HookName | null>(null)
  const { data, error, refetch } = useQuery(hooksQuery(projectId))
  const { data: schemas } = useQuery(openapiQuery)
  const byName = new Map<string, Hook>((data ?? []).map((hook) => [hook.hook, hook]))
  // Those of this installation, however many the next version has.
  const names = choicesOf(schemas, 'Hook', 'hook') as HookName[]
  return (
    <Page
      title="Hooks"
      lead="Before something happens, your app is asked and decides: yes or no within five seconds, over a signed request."
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !data || names.length === 0 ? (
        <div className="panel">
          <SkeletonRows rows={5} />
        </div>
      ) : (
        <div className="grid grid-cols-1 gap-4">
          <ul className="grid gap-3" aria-label="Hooks">
            {names.map((name) => (
              <HookRow
                key={name}
                projectId={projectId}
                name={name}
                hook={byName.get(name)}
                denied={denied}
                onSet={() => setSetting(name)}
              />
            ))}
          </ul>
          {data.length === 0 && (
            <div className="panel">
              <Empty
                title="Nobody is asked yet"
                sdk={
                  `const { secret } = await portico.hooks.set('${projectId}', 'before_sign_in', { url: 'https://app.example/portico' })\n` +
                  "// in the endpoint:\nconst question = await verifyHook(request, secret)\nreturn Response.json({ decision: 'allow' })"
                }
                curl={
                  `curl -X PUT ${location.origin}/api/v1/projects/${projectId}/hooks/before_sign_in \\\n` +
                  `  -H "authorization: Bearer $PORTICO_API_KEY" -H 'content-type: application/json' -d '{"url":"https://app.example/portico"}'`
                }
              >
                A hook keeps a banned customer out, gives a new account its plan, or puts rights of your app into tokens. What counts when
                the app does not answer is said for each of them.
              </Empty>
            </div>
          )}
        </div>
      )}
      {setting !== null && (
        <Suspense>
          <HookForm projectId={projectId} name={setting} hook={byName.get(setting) ?? null} onClose={() => setSetting(null)} />
        </Suspense>
      )}
    </Page>
  )
}
