import type { Rotation } from '@portico/sdk'
import { Check } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from '../../lib/cx.js'
import { plural } from '../../lib/format.js'
import { Button } from '../../ui/button.js'
import { Card } from '../../ui/page.js'
import { Time } from '../../ui/time.js'

type Waiting = Rotation['waitingFor'][number]

/** A rotation as its three steps, with the instances that hold the switch up. */
export function RotationTimeline({
  rotation,
  busy,
  denied,
  onSwitch,
  onCancel,
}: {
  rotation: Rotation
  busy: boolean
  denied: string | false
  onSwitch: () => void
  onCancel: () => void
}) {
  const waits = rotation.state === 'waiting'
  return (
    <Card
      title={waits ? 'A rotation is under way' : 'The last rotation'}
      actions={
        waits && (
          <>
            <Button busy={busy} onClick={onCancel} deniedBecause={denied}>
              Cancel
            </Button>
            <Button look="primary" busy={busy} onClick={onSwitch} deniedBecause={denied}>
              Switch now
            </Button>
          </>
        )
      }
    >
      <ol className="grid gap-4">
        <Step done title="The next key is handed out">
          <Time at={rotation.startedAt} />
        </Step>
        <Step
          done={!waits}
          title={waits ? 'Waiting until every running instance knows it' : 'Every running instance knew it, or the time was up'}
        >
          {waits && (
            <>
              <p>
                {rotation.waitingForCount === 0
                  ? 'Nobody holds it up any more: it switches in a moment.'
                  : `${plural(rotation.waitingForCount, 'instance')} to go.`}{' '}
                Switches <Time at={rotation.switchesAt} /> at the latest.
              </p>
              <Waiters
                instances={rotation.waitingFor}
                why={(one) => (one.hasNextSecret ? 'does not read the next secret' : 'was started before')}
              />
            </>
          )}
        </Step>
        <Step done={!waits} title="The next key signs; the old one verifies until its last token ended">
          {rotation.restartAfterSwitch.length > 0 && (
            <>
              <p>{waits ? 'To be restarted right after the switch:' : 'Cannot check new tokens until they are restarted:'}</p>
              <Waiters instances={rotation.restartAfterSwitch} why={() => 'reads AUTH_JWT_SECRET alone'} />
            </>
          )}
        </Step>
      </ol>
    </Card>
  )
}

function Step({ done, title, children }: { done: boolean; title: string; children?: ReactNode }) {
  return (
    <li className="flex gap-3">
      <span
        className={cx(
          'mt-0.5 grid size-5 shrink-0 place-items-center rounded-full border',
          done ? 'border-transparent bg-good-soft text-good' : 'border-line-strong text-faint',
        )}
        aria-label={done ? 'done' : 'to come'}
        role="img"
      >
        {done && <Check className="size-3" />}
      </span>
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-medium">{title}</p>
        <div className="text-soft">{children}</div>
      </div>
    </li>
  )
}

function Waiters({ instances, why }: { instances: Waiting[]; why: (one: Waiting) => string }) {
  if (instances.length === 0) return null
  return (
    <ul className="mt-1.5 divide-y divide-line rounded-md border border-line">
      {instances.map((one) => (
        <li key={one.id} className="flex flex-wrap items-center gap-x-3 px-3 py-1.5 text-xs">
          <span className="font-medium text-ink">{one.name ?? one.id}</span>
          <span>{why(one)}</span>
          <span className="ml-auto">
            heard of <Time at={one.lastSeenAt} />
          </span>
        </li>
      ))}
    </ul>
  )
}
