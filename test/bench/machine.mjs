import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const TICKS_PER_SECOND = 100 // USER_HZ, fixed on Linux
export const CORES = availableParallelism()
/** With one core there is nothing to pin apart. */
export const SERVER_CORE = CORES > 1 ? '0' : null
const LOAD_CORE = CORES > 1 ? '1' : null

export function pinned(core, command, args) {
  return core === null ? [command, args] : ['taskset', ['-c', core, command, ...args]]
}

/** CPU time of a process so far, in microseconds. */
export function cpuMicroseconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND
}

/** Resident memory in MB: now, and at the highest. */
export function memory(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)[1]) / 1024)
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') }
}

/** Starts the next peak from what is resident now. */
export function resetPeak(pid) {
  try {
    execFileSync('sh', ['-c', `echo 5 > /proc/${pid}/clear_refs`])
  } catch {
    // Not ours to reset: the peak then counts from the start.
  }
}

/**
 * A queue outlives its load: waits until the processes, and the backends of the PostgreSQL in `dataDir`, have had nothing to do for 300 ms.
 * An autovacuum is not waited for longer than `longestMs`.
 */
export async function untilIdle(pids, { dataDir, longestMs = 15_000 } = {}) {
  const deadline = performance.now() + longestMs
  const measure = () => new Map([...pids, ...(dataDir === undefined ? [] : backendsOf(dataDir))].map((pid) => [pid, cpuIfThere(pid)]))
  let calm = 0
  let before = measure()
  while (calm < 3 && performance.now() < deadline) {
    await sleep(100)
    const after = measure()
    calm = [...after].every(([pid, cpu]) => cpu - (before.get(pid) ?? 0) <= 10_000) ? calm + 1 : 0
    before = after
  }
}

function backendsOf(dataDir) {
  const pid = readFileSync(`${dataDir}/postmaster.pid`, 'utf8').split('\n')[0]
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

/** A backend may end while it is looked at. */
function cpuIfThere(pid) {
  try {
    return cpuMicroseconds(pid)
  } catch {
    return 0
  }
}

const started = new Set()
process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})
// A signal alone would end this process without that.
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) process.once(signal, () => process.exit(code))

/** A node program on the server core (`pin`: false for anywhere); resolves when `url` answers with less than 500. */
export async function startServer(name, args, env, readyPath = '/', { pin = true } = {}) {
  const port = await freePort()
  const [command, all] = pinned(pin ? SERVER_CORE : null, process.execPath, args)
  const began = performance.now()
  const child = spawn(command, all, {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), ...env(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  started.add(child)
  let errors = ''
  child.stderr.on('data', (chunk) => (errors = (errors + chunk).slice(-4000)))
  const exited = new Promise((done) => child.once('close', done))
  void exited.then(() => started.delete(child))
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended:\n${errors}`)
    const ready = await fetch(url + readyPath, { signal: AbortSignal.timeout(2000) }).then(
      async (answer) => (await answer.arrayBuffer(), answer.status < 500),
      () => false,
    )
    if (ready) break
    if (performance.now() - began > 60_000) throw new Error(`${name} was not ready after 60 s:\n${errors}`)
    await sleep(5)
  }
  return {
    name,
    url,
    port,
    pid: child.pid,
    readyAfterMs: performance.now() - began,
    stop: async () => {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 5000)
      await exited
      clearTimeout(late)
    },
  }
}

/** One wrk run on the load core (`pin`: false for anywhere). `script` is the arguments of load.lua. */
export async function wrk({ url, connections, seconds, script, pin = true }) {
  const lua = new URL('./load.lua', import.meta.url).pathname
  const [command, args] = pinned(pin ? LOAD_CORE : null, 'wrk', [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    '-s',
    lua,
    url,
    '--',
    ...script,
  ])
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise((done, fail) => child.once('error', fail).once('close', done))
  const json = /^\{.*\}$/m.exec(output)?.[0]
  if (code !== 0 || !json) throw new Error(`wrk ended with ${code}: ${output}`)
  const { requests, microseconds, ...rest } = JSON.parse(json)
  return { ...rest, requests, perSecond: (requests - rest.refused) / (microseconds / 1e6) }
}

export async function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}

export const describeMachine = () => `${CORES} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform} ${process.arch}`

export function median(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).toSorted((a, b) => a - b)
  if (sorted.length === 0) return NaN
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
