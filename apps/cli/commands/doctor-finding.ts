import { EXIT } from '../cli-error.js'

export type Status = 'ok' | 'warning' | 'failed' | 'skipped'

export interface Check {
  name: string
  status: Status
  message: string
  /** What to do; null when nothing. */
  fix: string | null
  exitCode: number
}

export type Finding = Omit<Check, 'name'>

/** Of one look at a service. */
export const LIMIT_MS = 5000

export const ok = (message: string): Finding => ({ status: 'ok', message, fix: null, exitCode: EXIT.ok })
export const skipped = (message: string): Finding => ({ status: 'skipped', message, fix: null, exitCode: EXIT.ok })
export const warning = (message: string, fix: string): Finding => ({ status: 'warning', message, fix, exitCode: EXIT.ok })
export const failed = (message: string, fix: string, exitCode: number = EXIT.user): Finding => ({
  status: 'failed',
  message,
  fix,
  exitCode,
})
