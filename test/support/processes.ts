import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { forServices } from './postgres.js'
import { freePort } from './redis-server.js'

export type AppName = 'control-plane' | 'data-plane' | 'worker'

export interface AppProcess {
  /** `http://127.0.0.1:<port>`. */
  url: string
  port: number
  pid: number
  /** Every line of standard output and error so far. */
  logs: string[]
  /** The first line, past or future, that matches; rejects after `timeoutMs` (default 10 s). */
  waitForLog(pattern: RegExp, timeoutMs?: number): Promise<string>
  signal(name: NodeJS.Signals): void
  /** Resolves with the exit code, or null when a signal ended it. */
  exited: Promise<number | null>
  /** SIGTERM, then the exit code; SIGKILL after 20 s. */
  stop(): Promise<number | null>
}

export interface StartAppOptions {
  /** Added to a bare environment: nothing of the developer's own settings gets in. `DATABASE_URL` and `PORTICO_MASTER_KEY` are needed. */
  env: Record<string, string>
  /** Default: a free one. */
  port?: number
  /** Of Node itself. */
  nodeArgs?: readonly string[]
  /** False returns at once; default true waits for `/health/ready`. */
  waitUntilReady?: boolean
}

const PREFIX: Record<AppName, string> = { 'control-plane': 'CONTROL_PLANE', 'data-plane': 'DATA_PLANE', worker: 'WORKER' }
/** Several processes at once: each takes a free port for its figures. */
const METRICS_ANYWHERE = { CONTROL_PLANE_METRICS_PORT: '0', DATA_PLANE_METRICS_PORT: '0' }
const READY_TIMEOUT_MS = 30_000

/** Runs a built app as production runs it: `npm run build` first. */
export async function startApp(app: AppName, options: StartAppOptions): Promise<AppProcess> {
  const entry = fileURLToPath(new URL(`../../apps/${app}/dist/main.js`, import.meta.url))
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run \`npm run build\``)
  const port = options.port ?? (await freePort())
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), '--enable-source-maps', entry], {
    env: {
      PATH: process.env['PATH'],
      [`${PREFIX[app]}_HOST`]: '127.0.0.1',
      [`${PREFIX[app]}_PORT`]: String(port),
      ...METRICS_ANYWHERE,
      ...byWayOfThePooler(options.env),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const logs: string[] = []
  const listeners = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      logs.push(line)
      for (const listener of listeners) listener(line)
    })
  }
  const exited = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  const ended = () => child.exitCode !== null || child.signalCode !== null
  // A test that fails half way must not leave a process behind.
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  void exited.then(() => process.off('exit', killWithUs))

  const running: AppProcess = {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    logs,
    waitForLog: (pattern, timeoutMs = 10_000) => waitForLog(logs, listeners, pattern, timeoutMs),
    signal: (name) => void child.kill(name),
    exited,
    stop: async () => {
      if (!ended()) child.kill('SIGTERM')
      const late = setTimeout(killWithUs, 20_000)
      const code = await exited
      clearTimeout(late)
      return code
    },
  }
  if (options.waitUntilReady !== false) await waitUntilReady(app, running, ended)
  return running
}

/** A service of the run's server goes through the run's pooler, where there is one, as `docs/deploy.md` says. */
function byWayOfThePooler(env: Record<string, string>): Record<string, string> {
  const url = env['DATABASE_URL']
  if (url === undefined || forServices(url) === url) return env
  return { ...env, DATABASE_URL: forServices(url), DATABASE_DIRECT_URL: env['DATABASE_DIRECT_URL'] ?? url }
}

async function waitUntilReady(app: AppName, running: AppProcess, ended: () => boolean): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  for (;;) {
    if (ended()) throw new Error(`${app} ended before it was ready:\n${running.logs.join('\n')}`)
    const ready = await fetch(`${running.url}/health/ready`, { signal: AbortSignal.timeout(2000) }).then(
      async (answer) => {
        await answer.text()
        return answer.ok
      },
      () => false,
    )
    if (ready) return
    if (Date.now() > deadline) {
      await running.stop()
      throw new Error(`${app} was not ready after ${READY_TIMEOUT_MS / 1000} s:\n${running.logs.join('\n')}`)
    }
    await sleep(30)
  }
}

function waitForLog(logs: string[], listeners: Set<(line: string) => void>, pattern: RegExp, timeoutMs: number): Promise<string> {
  const found = logs.find((line) => pattern.test(line))
  if (found !== undefined) return Promise.resolve(found)
  return new Promise((done, fail) => {
    const finish = () => {
      clearTimeout(timer)
      listeners.delete(listener)
    }
    const listener = (line: string) => {
      if (!pattern.test(line)) return
      finish()
      done(line)
    }
    const timer = setTimeout(() => {
      finish()
      fail(new Error(`no line matched ${pattern} within ${timeoutMs} ms:\n${logs.slice(-20).join('\n')}`))
    }, timeoutMs)
    listeners.add(listener)
  })
}
