import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppProcess } from '../support/processes.js'
import { FaultStage, type FaultProject } from './fault-stage.js'
import type { Call, Entry } from './load.js'

export type Size = 'short' | 'long'

export interface RunReport {
  /** What was measured, in one line of figures. */
  measured: string
  /** Broken pass rules; none is a pass. */
  problems: string[]
  /** Every request of the run. */
  ledger: readonly Entry[]
  /** What this machine lacks for it: nothing was measured. */
  notRun?: string
}

export const notRun = (lacking: string): RunReport => ({ measured: `not run: this machine has no ${lacking}`, problems: [], ledger: [], notRun: lacking })

export interface FaultRun {
  name: string
  /** Seconds that the long form takes. */
  seconds: number
  /** Of `promises.md`. */
  promises: string
  /** What is done in the long form. */
  done: string
  /** In CI as well, in its short form. */
  short: boolean
  run: (size: Size) => Promise<RunReport>
}

export const PASSWORD = 'correct horse battery 9!'
export const NEW_PASSWORD = 'another horse battery 9!'
/** P9. */
export const RECOVERY_SECONDS = 10
export const DRAIN_SECONDS = 60

let people = 0
export const newEmail = (): string => `person${(people += 1)}@example.com`

export type At = Pick<AppProcess, 'url'>
export const signUp = (at: At, project: FaultProject, email = newEmail()): Call => ({
  kind: 'signup',
  email,
  url: `${at.url}/${project.printedId}/signup`,
  body: { email, password: PASSWORD },
})
export const logIn = (at: At, project: FaultProject, email: string, password = PASSWORD): Call => ({
  kind: 'login',
  email,
  url: `${at.url}/${project.printedId}/login`,
  body: { email, password },
})
export const reset = (at: At, project: FaultProject, email: string): Call => ({
  kind: 'reset',
  email,
  url: `${at.url}/${project.printedId}/password-reset`,
  body: { email },
})
export const readUser = (at: At, project: FaultProject, token: string): Call => ({
  kind: 'user',
  url: `${at.url}/${project.printedId}/user`,
  token,
})

export async function withStage<T>(options: Parameters<typeof FaultStage.open>[0], work: (stage: FaultStage) => Promise<T>): Promise<T> {
  const stage = await FaultStage.open(options)
  try {
    return await work(stage)
  } finally {
    await stage.close()
  }
}

/** P9: nothing may have ended by itself. */
export async function ended(...apps: AppProcess[]): Promise<string[]> {
  const codes = await Promise.all(apps.map((app) => Promise.race([app.exited, sleep(50).then(() => undefined)])))
  return apps.flatMap((app, index) =>
    codes[index] === undefined ? [] : [`a process ended by itself with ${codes[index]}: ${app.logs.slice(-12).join(' / ').slice(0, 1500)}`],
  )
}

export function report(measured: string, ledger: readonly Entry[], ...problems: (readonly string[])[]): RunReport {
  return { measured, ledger, problems: [...new Set(problems.flat())] }
}

/** Resident memory in MB. */
export function memoryOf(app: AppProcess): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${app.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)
}

/** The most it ever was, in MB. */
export function peakMemoryOf(app: AppProcess): number {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${app.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)
}
