import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance } from 'fastify'
import './request-context.js'
import { serverState } from './server-state.js'

export interface HealthCheck {
  /** A required part that is down makes the process unready; any other is only reported. */
  required: boolean
  /** Rejects when the part is down. */
  check: () => Promise<unknown>
}

const CHECK_TIMEOUT_MS = 2_000
const REUSE_MS = 250

/** `GET /health/live` and `GET /health/ready`. Readiness is off while the process stops. */
export function registerHealth(server: FastifyInstance, checks: Readonly<Record<string, HealthCheck>>): void {
  const state = serverState(server)
  let running: { at: number; result: Promise<Record<string, 'up' | 'down'>> } | null = null
  const runChecks = (): Promise<Record<string, 'up' | 'down'>> => {
    // Probes share one check, so that they cannot be used to load the database.
    if (!running || performance.now() - running.at > REUSE_MS) running = { at: performance.now(), result: checkAll(checks) }
    return running.result
  }
  const config = { access: 'public', quiet: true }

  server.get('/health/live', { config }, async () => ({ status: 'ok' }))
  server.get('/health/ready', { config }, async () => {
    if (state.stopping) throw unready('process', 'stopping')
    const parts = await runChecks()
    const down = Object.keys(checks).find((name) => checks[name]?.required && parts[name] !== 'up')
    if (down !== undefined) throw unready(down, 'down')
    return { status: 'ready', checks: parts }
  })
}

function unready(field: string, code: string): AuthError {
  return new AuthError('unavailable', { details: [{ field, code, message: 'Not ready.' }] })
}

async function checkAll(checks: Readonly<Record<string, HealthCheck>>): Promise<Record<string, 'up' | 'down'>> {
  const parts = await Promise.all(
    Object.entries(checks).map(async ([name, { check }]): Promise<[string, 'up' | 'down']> => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('late')), CHECK_TIMEOUT_MS)
      })
      try {
        await Promise.race([check(), late])
        return [name, 'up']
      } catch {
        return [name, 'down']
      } finally {
        clearTimeout(timer)
      }
    }),
  )
  return Object.fromEntries(parts)
}
