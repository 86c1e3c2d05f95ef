import { AuthError } from '@portico/kernel/auth-error'
import { VERSION } from '@portico/kernel/version'
import type { FastifyInstance } from 'fastify'
import './request-context.js'
import { serverState } from './server-state.js'

export interface HealthCheck {
  /** A required part that is down makes the process unready; any other is only reported. */
  required: boolean
  /** Rejects when the part is down. */
  check: () => Promise<unknown>
  /** What an operator has to look at, in words without names, addresses or secrets; `null` when that is not known. */
  why?: (error: unknown) => string | null
}

type Part = { state: 'up' } | { state: 'down'; why: string | null }

const CHECK_TIMEOUT_MS = 2_000
const REUSE_MS = 250

/** `GET /health/live`, which says the release too, and `GET /health/ready`. Readiness is off while the process stops. */
export function registerHealth(
  server: FastifyInstance,
  checks: Readonly<Record<string, HealthCheck>>,
  onDown: (part: string, why: string) => void = () => undefined,
): void {
  const state = serverState(server)
  let running: { at: number; result: Promise<Record<string, Part>> } | null = null
  const told = new Map<string, string>()
  const runChecks = (): Promise<Record<string, Part>> => {
    // Probes share one check, so that they cannot be used to load the database.
    if (!running || performance.now() - running.at > REUSE_MS) running = { at: performance.now(), result: checkAll(checks).then(tell) }
    return running.result
  }
  /** Once for each reason, until the part is up again: probes come every second. */
  const tell = (parts: Record<string, Part>): Record<string, Part> => {
    for (const [name, part] of Object.entries(parts)) {
      const why = part.state === 'up' ? null : part.why
      if (why === null) told.delete(name)
      else if (told.get(name) !== why) {
        told.set(name, why)
        onDown(name, why)
      }
    }
    return parts
  }
  const config = { access: 'public', quiet: true }

  server.get('/health/live', { config }, async () => ({ status: 'ok', version: VERSION }))
  server.get('/health/ready', { config }, async () => {
    if (state.stopping) throw unready('process', 'stopping')
    const parts = await runChecks()
    const down = Object.keys(checks).find((name) => checks[name]?.required && parts[name]?.state !== 'up')
    if (down !== undefined) {
      const part = parts[down]
      throw unready(down, 'down', part?.state === 'down' ? part.why : null)
    }
    return { status: 'ready', checks: Object.fromEntries(Object.entries(parts).map(([name, { state: is }]) => [name, is])) }
  })
}

function unready(field: string, code: string, why: string | null = null): AuthError {
  return new AuthError('unavailable', { details: [{ field, code, message: why === null ? 'Not ready.' : `Not ready: ${why}.` }] })
}

async function checkAll(checks: Readonly<Record<string, HealthCheck>>): Promise<Record<string, Part>> {
  const parts = await Promise.all(
    Object.entries(checks).map(async ([name, { check, why }]): Promise<[string, Part]> => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('timeout of the check')), CHECK_TIMEOUT_MS)
      })
      try {
        await Promise.race([check(), late])
        return [name, { state: 'up' }]
      } catch (error) {
        return [name, { state: 'down', why: why?.(error) ?? null }]
      } finally {
        clearTimeout(timer)
      }
    }),
  )
  return Object.fromEntries(parts)
}
