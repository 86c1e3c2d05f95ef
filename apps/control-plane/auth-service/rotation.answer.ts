import { formatId } from '@portico/kernel/ids'
import type { RotationPlan } from '@portico/platform/auth-service/rotation-plan'
import type { RotatingInstance } from '@portico/platform/records/key-rotation.store'

/** `null` when no rotation is open. */
export function rotationAnswer(plan: RotationPlan | null) {
  return { rotation: plan && planAnswer(plan) }
}

function planAnswer(plan: RotationPlan) {
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
