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
