// A container engine that speaks Docker's language: the one that is there, or a private one for as long as the proof takes.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const isOnPath = (name) => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))

const cleanups = new Set()

/** Does `work`, then `clean`, whatever came of it; `cleanUp` does the latter for one that is interrupted. */
export async function tidied(clean, work) {
  cleanups.add(clean)
  try {
    return await work()
  } finally {
    if (cleanups.delete(clean)) await clean()
  }
}

/** Of everything that is at work, the last first. */
export async function cleanUp() {
  for (const clean of [...cleanups].toReversed()) {
    cleanups.delete(clean)
    await clean().catch((error) => console.error(error.message))
  }
}

/** Runs a program to its end, at most so long; answers what it said, or throws it. */
export async function call(program, args, { seconds = 60, env = process.env, cwd, input } = {}) {
  const child = spawn(program, args, { env, cwd, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, seconds * 1000)
  const code = await new Promise((done, fail) => child.once('error', fail).once('close', done)).finally(() => clearTimeout(timer))
  if (code === 0) return { stdout: stdout.trim(), stderr: stderr.trim() }
  const said = `${stdout}${stderr}`.trim().split('\n').slice(-40).join('\n')
  throw new Error(`${program} ${args.join(' ').slice(0, 200)}: ${late ? `not done after ${seconds} s` : `ended with ${code}`}\n${said}`)
}

export class Engine {
  #daemon = null

  constructor(name, env, folder) {
    this.name = name
    this.env = env
    this.folder = folder
  }

  /** The one that answers, or a private one of our own where `dockerd` may be started; null when there is neither. */
  static async find(folder) {
    if (!isOnPath('docker')) return null
    const there = new Engine('Docker', process.env, folder)
    if (await there.isUp()) return there
    if (!isOnPath('dockerd') || process.getuid?.() !== 0) return null
    const own = new Engine('Docker (started for this)', { ...process.env, DOCKER_HOST: `unix://${join(folder, 'docker.sock')}` }, folder)
    await own.#start()
    return own
  }

  /** Why there is no `docker compose`, or null. */
  async withoutCompose() {
    const version = await this.docker(['compose', 'version', '--short']).then(({ stdout }) => stdout, () => null)
    if (version === null) return 'docker compose'
    const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
    // `!override` in what is laid over the files.
    return major > 2 || (major === 2 && minor >= 24) ? null : `docker compose 2.24 or newer (this is ${version})`
  }

  docker(args, options = {}) {
    return call('docker', args, { ...options, env: { ...this.env, ...options.env } })
  }

  async version() {
    const { stdout } = await this.docker(['version', '--format', '{{.Server.Version}}'])
    return `${this.name} ${stdout}`
  }

  async isUp() {
    return this.docker(['info', '--format', '{{.ServerVersion}}'], { seconds: 20 }).then(({ stdout }) => stdout !== '', () => false)
  }

  async #start() {
    const at = (name) => join(this.folder, name)
    mkdirSync(at('docker'), { recursive: true })
    const log = openSync(at('dockerd.log'), 'a')
    const folders = ['--data-root', at('docker'), '--exec-root', at('exec'), '--pidfile', at('docker.pid')]
    this.#daemon = spawn('dockerd', [...folders, '-H', this.env.DOCKER_HOST, '--log-level', 'warn'], { stdio: ['ignore', log, log] })
    closeSync(log)
    const end = this.#daemon
    process.once('exit', () => end.kill('SIGTERM'))
    for (let tries = 0; tries < 60; tries += 1) {
      if (end.exitCode !== null) break
      if (await this.isUp()) return
      await sleep(500)
    }
    throw new Error(`dockerd does not start here:\n${readFileSync(at('dockerd.log'), 'utf8').split('\n').slice(-20).join('\n')}`)
  }

  /** Ends the private one and takes away all that it stored; another one is left as it is. */
  async end() {
    const daemon = this.#daemon
    if (!daemon || daemon.exitCode !== null) return
    const ended = new Promise((done) => daemon.once('close', done))
    daemon.kill('SIGTERM')
    await Promise.race([ended, sleep(30_000)])
    rmSync(join(this.folder, 'docker'), { recursive: true, force: true })
  }
}
