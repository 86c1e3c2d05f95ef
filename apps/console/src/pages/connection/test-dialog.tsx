import { useQuery } from '@tanstack/react-query'
import type { SsoTest } from '@portico/sdk'
import { ExternalLink } from 'lucide-react'
import { attemptsQuery } from '../../api/sso.js'
import { Button, buttonClass, Spinner } from '../../ui/button.js'
import { CodeBlock } from '../../ui/copy.js'
import { Dialog } from '../../ui/dialog.js'
import { Time } from '../../ui/time.js'
import { AttemptReport } from './attempt-report.js'

interface Props {
  projectId: string
  connectionId: string
  test: SsoTest
  onClose: () => void
}

/** The address of a test, until somebody has opened it; then what came of it. */
export default function TestDialog({ projectId, connectionId, test, onClose }: Props) {
  const { data } = useQuery(attemptsQuery(projectId, connectionId))
  const attempt = data?.find(({ id }) => id === test.id)
  const isOver = attempt !== undefined && attempt.finishedAt !== null
  return (
    <Dialog
      open
      onClose={onClose}
      title="Test sign-in"
      lead="All that a sign-in does is done and taken back: nobody is signed in, and no account is made."
      wide
      footer={<Button onClick={onClose}>{isOver ? 'Done' : 'Read it later'}</Button>}
    >
      {isOver ? (
        <AttemptReport projectId={projectId} attempt={attempt} />
      ) : (
        <div className="grid min-w-0 grid-cols-1 gap-4 text-sm">
          <p>
            Open it here, or send it to the company’s administrator. It opens once, in any browser; it is over <Time at={test.openUntil} />
          </p>
          <CodeBlock label="address" code={test.url} />
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <a href={test.url} target="_blank" rel="noopener noreferrer" className={buttonClass('primary')}>
              <ExternalLink className="size-4" /> Open it
            </a>
            <span className="flex items-center gap-2 text-soft" role="status">
              <Spinner />
              {attempt?.state === 'started' ? 'Somebody is at the identity provider' : 'Waits for somebody to open it'}
            </span>
          </div>
        </div>
      )}
    </Dialog>
  )
}
