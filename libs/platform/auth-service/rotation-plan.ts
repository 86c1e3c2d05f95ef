import { formatId } from '@portico/kernel/ids'
import type { LiveInstances, RotatingInstance } from '../records/key-rotation.store.js'

/** What a rotation did or waits for. */
export interface RotationPlan {
  mode: 'staged' | 'immediate'
  state: 'waiting' | 'done'
  fromKid: string
  toKid: string
  newStandbyKid: string
  startedAt: Date
  /** When it switches at the latest; `null` once it has. */
  switchesAt: Date | null
  /** Running instances that the switch waits for. */
  waitingFor: LiveInstances
  /** Before the switch: those that read only `AUTH_JWT_SECRET`. After it: every one that cannot check new tokens until it is restarted. */
  restartAfterSwitch: RotatingInstance[]
  /** Running instances whose secrets stopped working; only for `immediate`. */
  willBreak: RotatingInstance[]
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
    waiting_for: plan.waitingFor.instances.map(instanceAnswer),
    waiting_for_count: plan.waitingFor.count,
    restart_after_switch: plan.restartAfterSwitch.map(instanceAnswer),
    ...(plan.mode === 'immediate' && { will_break: plan.willBreak.map(instanceAnswer) }),
  }
}

function instanceAnswer(instance: RotatingInstance) {
  return {
    id: formatId('inst', instance.id),
    name: instance.name,
    env_version: instance.envVersion,
    last_seen_at: instance.lastSeenAt.toISOString(),
    reads: instance.reads,
    has_next_secret: instance.hasNext,
  }
}
