import { formatId } from '@portico/kernel/ids'
import type { WaitingInstance } from '../records/key-rotation.store.js'

/** What a rotation did or waits for (contract, section 2). */
export interface RotationPlan {
  mode: 'staged' | 'immediate'
  state: 'waiting' | 'done'
  fromKid: string
  toKid: string
  newStandbyKid: string
  startedAt: Date
  /** When it switches at the latest; `null` once it has. */
  switchesAt: Date | null
  waitingFor: WaitingInstance[]
  /** Running instances whose secrets stopped working; only for `immediate`. */
  willBreak: WaitingInstance[]
}

export function rotationAnswer(plan: RotationPlan) {
  return {
    mode: plan.mode,
    state: plan.state,
    from_kid: plan.fromKid,
    to_kid: plan.toKid,
    new_standby_kid: plan.newStandbyKid,
    started_at: plan.startedAt.toISOString(),
    switches_at: plan.switchesAt?.toISOString() ?? null,
    waiting_for: plan.waitingFor.map(instanceAnswer),
    ...(plan.mode === 'immediate' && { will_break: plan.willBreak.map(instanceAnswer) }),
  }
}

function instanceAnswer(instance: WaitingInstance) {
  return {
    id: formatId('inst', instance.id),
    name: instance.name,
    env_version: instance.envVersion,
    last_seen_at: instance.lastSeenAt.toISOString(),
  }
}
