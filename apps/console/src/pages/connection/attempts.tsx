import { useQuery } from '@tanstack/react-query'
import type { SsoAttempt, SsoConnection, SsoTest } from '@portico/sdk'
import { ChevronRight } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { attemptsQuery, useSsoAction } from '../../api/sso.js'
import { useDenied } from '../../api/use-denied.js'
import { cx } from '../../lib/cx.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { AttemptReport } from './attempt-report.js'
import { refusalOf, STATES } from './attempt-words.js'

const TestDialog = lazy(() => import('./test-dialog.js'))

interface Props {
  projectId: string
  connection: SsoConnection
  denied: string | false
}

/** Who came or tried to, and tests, which let nobody in. */
export function Attempts({ projectId, connection, denied }: Props) {
  const unreadable = useDenied(PERMISSIONS.readUsers)
  const [test, setTest] = useState<SsoTest | null>(null)
  const [open, setOpen] = useState<string | null>(null)
  const { data, error, refetch } = useQuery({ ...attemptsQuery(projectId, connection.id), enabled: unreadable === false })
  const begin = useSsoAction(
    projectId,
    () => portico.sso.testConnection(projectId, connection.id),
    () => 'The test waits for a browser',
  )
  const run = () => begin.mutate(undefined, { onSuccess: setTest })
  return (
    <Card
      title="Tests and sign-ins"
      lead="Of the last 24 hours. A test lets nobody in, and says all that came."
      flush
      actions={
        <Button
          busy={begin.isPending}
          onClick={run}
          deniedBecause={denied || unreadable || (connection.state === 'draft' && 'It is a draft: start testing first')}
        >
          Test sign-in
        </Button>
      }
    >
      {unreadable ? (
        <p className="px-4 py-6 text-sm text-soft">{unreadable}.</p>
      ) : error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={2} />
      ) : data.length === 0 ? (
        <p className="px-4 py-6 text-sm text-soft">Nobody has tried yet.</p>
      ) : (
        <ul className="max-h-[36rem] divide-y divide-line overflow-y-auto">
          {data.map((attempt) => (
            <Row
              key={attempt.id}
              projectId={projectId}
              attempt={attempt}
              open={open === attempt.id}
              onToggle={() => setOpen(open === attempt.id ? null : attempt.id)}
            />
          ))}
        </ul>
      )}
      {test && (
        <Suspense>
          <TestDialog projectId={projectId} connectionId={connection.id} test={test} onClose={() => setTest(null)} />
        </Suspense>
      )}
    </Card>
  )
}

interface RowProps {
  projectId: string
  attempt: SsoAttempt
  open: boolean
  onToggle: () => void
}

function Row({ projectId, attempt, open, onToggle }: RowProps) {
  const { report, state, test, createdAt } = attempt
  const [word, tone] = STATES[state]
  const who = report?.person?.email ?? (report?.emailDomain ? `somebody of ${report.emailDomain}` : 'somebody')
  const why = report && refusalOf(report)
  return (
    <li>
      <button type="button" aria-expanded={open} onClick={onToggle} className="flex w-full items-center gap-3 px-4 py-2 text-left hover:bg-hover/60">
        <ChevronRight className={cx('size-3.5 shrink-0 text-faint transition-transform', open && 'rotate-90')} aria-hidden="true" />
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm">{test ? (report ? `Test as ${who}` : 'Test') : who}</span>
          {why && <span className="block truncate text-xs text-soft">{why}</span>}
        </span>
        <Badge tone={tone}>{word}</Badge>
        <span className="shrink-0 text-right text-xs text-soft">
          <Time at={createdAt} />
        </span>
      </button>
      {open && (
        <div className="bg-sunken px-4 py-3">
          <AttemptReport projectId={projectId} attempt={attempt} />
        </div>
      )}
    </li>
  )
}
