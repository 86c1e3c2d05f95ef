import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { unprivilegedAccount, type Account } from '@portico/dev-database/account'
import { parse } from 'yaml'
import { freePort } from '../support/redis-server.js'

const FOLDER = new URL('../../deploy/compose-ha/', import.meta.url)
const POSTGRES = '/usr/lib/postgresql/15/bin'
/** Debian's; PostgreSQL for its pg_basebackup and pg_rewind, which the embedded one has not. */
const PROGRAMS = ['etcd', 'patroni', 'haproxy']

interface Service {
  environment?: Record<string, string>
}

const isOnPath = (name: string) => (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))

export const storeIsThere = (): boolean => isOnPath('valkey-server') || isOnPath('redis-server')

/** What is missing on this machine to start PostgreSQL of deploy/compose-ha. */
export function missingForPatroni(): string[] {
  return [...PROGRAMS.filter((name) => !isOnPath(name)), ...(existsSync(join(POSTGRES, 'pg_rewind')) ? [] : ['postgresql-15'])]
}

/**
 * The services of deploy/compose-ha/docker-compose.yml as processes of this machine: their variables and files are those of that folder,
 * with host names, ports and folders of containers put in loopback's place.
 */
export class ComposeHa {
  readonly #services: Record<string, Service>
  readonly #ports = new Map<string, number>()
  readonly #running = new Map<string, { child: ChildProcess; exited: Promise<void> }>()
  readonly #secrets = new Map<string, string>()

  private constructor(private readonly folder: string, private readonly account: Account | null) {
    const file = readFileSync(new URL('docker-compose.yml', FOLDER), 'utf8')
    this.#services = (parse(file, { merge: true, maxAliasCount: -1 }) as { services: Record<string, Service> }).services
  }

  static async open(folder: string): Promise<ComposeHa> {
    mkdirSync(folder, { mode: 0o711 })
    chmodSync(folder, 0o711)
    const house = new ComposeHa(folder, process.getuid?.() === 0 ? await unprivilegedAccount(folder) : null)
    // A run that fails half way must not leave processes behind.
    process.once('exit', house.#killAll)
    const ports: [RegExp, number[]][] = [
      [/^etcd/, [2379, 2380]], [/^patroni/, [5432, 8008]], [/^haproxy/, [5432, 4000, 4100, 8404]],
      [/^valkey/, [6379]], [/^sentinel/, [26379]], [/^control-plane/, [4000]], [/^data-plane/, [4100]],
    ]
    for (const name of Object.keys(house.#services))
      for (const port of ports.find(([kind]) => kind.test(name))?.[1] ?? []) house.#ports.set(`${name}:${port}`, await freePort())
    for (const alias of [['postgres', 5432], ['control-plane', 4000], ['data-plane', 4100]] as const)
      house.#ports.set(alias.join(':'), house.port('haproxy', alias[1]))
    return house
  }

  /** Where a service of the file listens. */
  port(name: string, port: number): number {
    const found = this.#ports.get(`${name}:${port}`)
    if (found === undefined) throw new Error(`nothing of compose-ha listens on ${name}:${port}`)
    return found
  }

  /** A variable of a service, as it counts here. */
  variable(name: string, variable: string): string {
    return this.#here(name, this.#services[name]?.environment?.[variable] ?? '')
  }

  pid(name: string): number {
    return this.#running.get(name)?.child.pid ?? 0
  }

  start(name: string): void {
    const own = this.#folder(name)
    const environment = Object.keys(this.#services[name]?.environment ?? {}).map((key) => [key, this.variable(name, key)])
    const kind = name.replace(/-\d$/, '')
    const command: Record<string, string[]> = {
      etcd: ['etcd'],
      patroni: ['patroni', join(own, 'patroni.yml')],
      haproxy: ['haproxy', '-db', '-f', join(own, 'haproxy.cfg')],
      valkey: ['sh', join(own, 'valkey.sh')],
      sentinel: ['sh', join(own, 'sentinel.sh')],
    }
    const [program, ...args] = command[kind] ?? []
    if (program === undefined) throw new Error(`compose-ha starts no ${name}`)
    const log = openSync(join(own, 'log'), 'a')
    const child = spawn(program, args, {
      cwd: own,
      // C, as not every machine has what the image has.
      env: { PATH: `${POSTGRES}:${process.env['PATH']}`, LC_ALL: 'C.UTF-8', ...Object.fromEntries(environment) },
      stdio: ['ignore', log, log],
      ...this.account,
    })
    closeSync(log)
    const exited = new Promise<void>((done) => child.once('close', () => done()))
    this.#running.set(name, { child, exited })
  }

  async kill(name: string): Promise<void> {
    const running = this.#running.get(name)
    this.#running.delete(name)
    running?.child.kill('SIGKILL')
    await running?.exited
    if (name.startsWith('patroni')) this.#killPostgres(name)
  }

  /** etcd, two PostgreSQL under Patroni of which one follows in step, and HAProxy; answers the owner's URL. */
  async startDatabase(): Promise<string> {
    for (const name of ['etcd-1', 'etcd-2', 'etcd-3', 'patroni-1', 'patroni-2', 'haproxy']) this.start(name)
    const inStep = async () => (await this.is('primary')) !== null && (await this.is('synchronous')) !== null
    await this.until('a primary and a replica in step with it', inStep, 90)
    const leads = () => fetch(`http://127.0.0.1:${this.port('haproxy', 8404)}/primary`).then((answer) => answer.ok, () => false)
    await this.until('HAProxy leads to the primary', leads, 20)
    const secret = this.variable('patroni-1', 'PATRONI_SUPERUSER_PASSWORD')
    return `postgresql://portico_owner:${secret}@127.0.0.1:${this.port('haproxy', 5432)}/portico`
  }

  /** Two Valkeys and three sentinels that know each other. */
  async startValkey(): Promise<void> {
    this.start('valkey-1')
    this.start('valkey-2')
    await sleep(1_000)
    for (const name of ['sentinel-1', 'sentinel-2', 'sentinel-3']) this.start(name)
  }

  /** Which of the two says that it is so: `primary`, `replica`, `synchronous`. */
  async is(what: string, among = ['patroni-1', 'patroni-2']): Promise<string | null> {
    for (const name of among) {
      const yes = await fetch(`http://127.0.0.1:${this.port(name, 8008)}/${what}`, { signal: AbortSignal.timeout(1_000) }).then(
        async (answer) => (await answer.text(), answer.ok),
        () => false,
      )
      if (yes) return name
    }
    return null
  }

  async until(what: string, isSo: () => Promise<boolean>, seconds: number): Promise<void> {
    const deadline = performance.now() + seconds * 1000
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new Error(`${what}: not after ${seconds} s\n${this.#logs()}`)
      await sleep(100)
    }
  }

  readonly #killAll = (): void => {
    for (const { child } of this.#running.values()) child.kill('SIGKILL')
  }

  async close(): Promise<void> {
    process.off('exit', this.#killAll)
    // Patroni ends its PostgreSQL by itself when it is asked to stop; nobody needs it to be gentle.
    for (const name of this.#running.keys()) await this.kill(name)
  }

  #killPostgres(name: string): void {
    try {
      const pid = Number(readFileSync(join(this.#folder(name), 'postgresql', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres')) process.kill(pid, 'SIGKILL')
    } catch {
      // It is gone.
    }
  }

  /** A folder for what the container has in /etc/portico, /var/lib, /data and /tmp. */
  #folder(name: string): string {
    const own = join(this.folder, name)
    if (existsSync(own)) return own
    for (const path of [own, join(own, 'postgresql'), join(own, 'etcd'), join(own, 'data')]) {
      mkdirSync(path, { mode: 0o700 })
      if (this.account) chownSync(path, this.account.uid, this.account.gid)
    }
    for (const file of readdirSync(FOLDER).filter((each) => /\.(?:yml|cfg|sh)$/.test(each))) {
      writeFileSync(join(own, file), this.#here(name, readFileSync(new URL(file, FOLDER), 'utf8')))
      if (this.account) chownSync(join(own, file), this.account.uid, this.account.gid)
    }
    return own
  }

  #here(name: string, text: string): string {
    const own = join(this.folder, name)
    return text
      .replaceAll(/\$\{(\w+):[?-][^}]*\}/g, (_, variable: string) => this.#secret(variable))
      .replaceAll(/(server ([\w-]+) .*check port )(\d+)/g, (_, before: string, host: string, port: string) => `${before}${this.port(host, Number(port))}`)
      .replaceAll(/\b0\.0\.0\.0:(\d+)/g, (_, port: string) => `127.0.0.1:${this.#ports.get(`${name}:${port}`) ?? port}`)
      .replaceAll(/\b([a-z][a-z-]*(?:-\d)?):(\d{4,5})\b/g, (all, host: string, port: string) => {
        const found = this.#ports.get(`${host}:${port}`)
        return found === undefined ? all : `127.0.0.1:${found}`
      })
      .replaceAll('/etc/portico/', `${own}/`)
      .replaceAll('/usr/lib/postgresql/18/bin', POSTGRES)
      .replaceAll('/var/lib/', `${own}/`)
      .replaceAll(/(?<![\w.])\/tmp\/(?=pgpass)/g, `${own}/`)
      .replace(/^\/data$/, join(own, 'data'))
  }

  #secret(variable: string): string {
    const known = this.#secrets.get(variable) ?? `${variable.toLowerCase()}${this.#secrets.size}`
    this.#secrets.set(variable, known)
    return known
  }

  #logs(): string {
    const last = (name: string) => `${name}: ${readFileSync(join(this.folder, name, 'log'), 'utf8').slice(-800)}`
    return [...this.#running.keys()].filter((name) => existsSync(join(this.folder, name, 'log'))).map(last).join('\n')
  }
}
