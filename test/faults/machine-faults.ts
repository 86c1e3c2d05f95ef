import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '@portico/dev-database/embedded-postgres'
import type { AppProcess } from '../support/processes.js'
import { auditChanges, auditMail, auditSecrets, count, summary, unanswered, unclean } from './auditor.js'
import { clients, crowdThrough } from './database-faults.js'
import type { FaultProject, FaultStage, StageDatabase } from './fault-stage.js'
import { openLoop, send, type Entry } from './load.js'
import { REVOCATIONS, REVOKED_WITHIN_MS, revocations } from './revocations.js'
import { DRAIN_SECONDS, ended, logIn, notRun, report, signUp, withStage, type FaultRun, type RunReport } from './run.js'
import { soak } from './soak.js'

const DISK_MB = 320

/** PostgreSQL on a small disk of its own, under a supervisor that starts it again when it ends, as systemd would. */
class SmallDisk {
  starts = 1
  #server: Awaited<ReturnType<typeof startEmbeddedPostgres>> | undefined
  #closing = false
  #watching: Promise<void> | undefined

  constructor(private readonly folder: string) {}

  async open(): Promise<StageDatabase> {
    await mkdir(this.folder, { mode: 0o711 })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=0711`, 'portico-faults', this.folder])
    this.#server = await this.#start()
    this.#watching = this.#watch()
    return { url: this.#server.url, port: this.#server.port, stop: () => this.close() }
  }

  fill(): void {
    // Until nothing fits any more; `dd` says so by its exit code.
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${join(this.folder, 'ballast')}`, 'bs=64k'], { stdio: 'ignore' })
    } catch {
      return
    }
    throw new Error('the disk did not get full')
  }

  makeRoom(): void {
    rmSync(join(this.folder, 'ballast'))
  }

  async complaints(): Promise<number> {
    return (await readFile(join(this.folder, 'postgres', 'postgres.log'), 'utf8')).split('No space left on device').length - 1
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    await this.#server?.stop()
    await this.#watching
    execFileSync('umount', [this.folder])
  }

  #start() {
    const settings = { max_connections: '200', min_wal_size: '32MB', max_wal_size: '64MB' }
    return startEmbeddedPostgres({ dataDir: this.folder, settings })
  }

  async #watch(): Promise<void> {
    while (!this.#closing) {
      await this.#server?.exited
      while (!this.#closing) {
        const again = await this.#start().catch(() => undefined)
        if (again) {
          this.#server = again
          this.starts += 1
          break
        }
        await sleep(1_000)
      }
    }
  }
}

async function diskFull(): Promise<RunReport> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return notRun('right to mount a small file system (root on Linux)')
  let disk: SmallDisk | undefined
  const database = (folder: string) => (disk = new SmallDisk(join(folder, 'small-disk'))).open()
  try {
    return await withStage({ database }, (stage) =>
      crowdThrough(
        stage,
        'long',
        async () => {
          disk?.fill()
          const full = performance.now()
          await sleep(20_000)
          disk?.makeRoom()
          return `disk full for ${((performance.now() - full) / 1000).toFixed(0)} s: PostgreSQL said so ${await disk?.complaints()} times and was started ${(disk?.starts ?? 1) - 1} times again`
        },
        async (running) => {
          const plane = await running.start('data-plane')
          return { at: plane, apps: [plane, await running.start('worker')], ratePerSecond: 10, seconds: 75 }
        },
      ),
    )
  } finally {
    await disk?.close()
  }
}

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'

/** Environment of a process whose wall clock is what the file says, and whose monotonic clock is true. */
const crooked = (file: string) => ({
  LD_PRELOAD: FAKETIME,
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  DONT_FAKE_MONOTONIC: '1',
})

/** Sign-ups at one data plane, and everything after it at the other; every tenth mail is refused at first. */
async function acrossPlanes(planes: readonly [AppProcess, AppProcess], project: FaultProject, seconds: number): Promise<Entry[]> {
  const followers = [clients(planes[1], project), clients(planes[0], project)] as const
  return openLoop({
    ratePerSecond: 10,
    seconds,
    next: (index) => signUp(planes[index % 2 === 0 ? 0 : 1], project),
    follow: (entry, index) => followers[index % 2 === 0 ? 0 : 1](entry, index),
  })
}

function clockProblems(ledger: readonly Entry[]): string[] {
  const problems: string[] = []
  for (const { kind, status, body } of ledger) {
    if (kind === 'verify' && status !== 200) problems.push(`a token of one data plane is answered ${status} by the other`)
    if (kind === 'verify ended' && status !== 401) problems.push(`right after its end a session's token is answered ${status}`)
    if (kind === 'signup' && status === 201) {
      const payload = Buffer.from(String(body?.['access_token']).split('.')[1]!, 'base64url').toString()
      const claims = JSON.parse(payload) as { iat: number; exp: number }
      if (Math.abs(claims.iat - Date.now() / 1000) > 120) problems.push('a token was issued at a time that is not now')
      if (claims.exp - claims.iat !== 3_600) problems.push(`a token is good for ${claims.exp - claims.iat} s`)
    }
  }
  return [...new Set(problems)]
}

/** Attempts at one account until it is refused: the bucket that both planes share. */
async function buckets(planes: readonly [AppProcess, AppProcess], project: FaultProject, jump: () => Promise<void>): Promise<string[]> {
  const { email } = await send(signUp(planes[0], project))
  const wrong = (plane: AppProcess) => send({ ...logIn(plane, project, email, 'never the right one 1!'), ip: '192.0.2.77' })
  let tries = 0
  let last = await wrong(planes[0])
  while (last.status === 401 && (tries += 1) < 60) last = await wrong(planes[tries % 2 === 0 ? 0 : 1])
  if (last.status !== 429) return [`after ${tries} wrong passwords the answer is ${last.status}`]
  await jump()
  const problems: string[] = []
  for (const plane of planes) {
    const { status, retryAfter } = await wrong(plane)
    if (status !== 429) problems.push(`a full bucket is empty after the jump: ${status}`)
    if (!(Number(retryAfter) > 0 && Number(retryAfter) <= 3_600)) problems.push(`a full bucket asks to wait for ${retryAfter} s`)
  }
  return problems
}

/** A data plane and a worker whose wall clock jumps, beside ones whose clock is right. */
async function clockJumps(stage: FaultStage, seconds: number): Promise<RunReport> {
  const project = await stage.project('Clock')
  const limited = await stage.project('Limited', 'default')
  const file = join(stage.folder, 'time')
  const set = (offset: string) => writeFileSync(file, `${offset}\n`)
  set('+0')
  const env = crooked(file)
  const planes = [await stage.start('data-plane'), await stage.start('data-plane', { env })] as const
  const worker = await stage.start('worker', { env })
  const ledger: Entry[] = []
  const problems: string[] = []
  let slowest = 0
  for (const offset of ['+3600', '-3600']) {
    problems.push(...(await buckets(planes, limited, async () => set(offset)).then((all) => all.map((one) => `${offset} s: ${one}`))))
    // Some mails are tried again while the worker's clock is wrong.
    stage.provider.next(10, { kind: 'status', status: 429, retryAfterSeconds: 2 })
    const entries = await acrossPlanes(planes, project, seconds)
    problems.push(...clockProblems(entries).map((one) => `${offset} s: ${one}`))
    const ending = await revocations(planes, project)
    slowest = Math.max(slowest, ending.slowest)
    if (ending.revived > 0) problems.push(`${offset} s: ${ending.revived} ended sessions were good again`)
    ledger.push(...entries)
    const { waiting } = await stage.mailDrained(DRAIN_SECONDS * 1000)
    if (waiting > 0) problems.push(`${offset} s: ${waiting} mails still wait after ${DRAIN_SECONDS} s`)
    set('+0')
    await sleep(1_000)
  }
  if (slowest > REVOKED_WITHIN_MS) problems.push(`an ended session lived for ${slowest.toFixed(0)} ms at the other data plane`)
  if (!planes[1].logs.some((line) => line.includes('put right')) && planes[1].logs.length > 0) problems.push('the process did not take the jumps for jumps')
  const audited = [...(await auditChanges(stage, project, ledger)), ...(await auditMail(stage, project, ledger))]
  return report(
    `${summary(ledger, [...problems, ...audited])}; ${ledger.length} requests (${count(ledger)}); ${2 * REVOCATIONS} endings heard by the other after ${slowest.toFixed(0)} ms at the most; ${stage.provider.mails.length} mails, each once`,
    ledger, problems, unclean(ledger), unanswered(ledger), audited, auditSecrets(stage, ledger),
    await ended(...planes, worker, stage.control),
  )
}

const faketime = () => existsSync(FAKETIME)
const number = (name: string) => (process.env[name] === undefined ? null : Number(process.env[name]))

export const MACHINE_FAULTS: FaultRun[] = [
  {
    name: 'the disk of PostgreSQL is full',
    seconds: 100,
    promises: 'P1 P2 P3 P5 P6 P9 P14',
    done: 'a disk of 320 MB, filled to the last byte for 20 s under 10 sign-ups/s for 75 s; PostgreSQL is started again when it ends, as systemd does',
    short: false,
    run: diskFull,
  },
  {
    name: 'the clock of one data plane and of the worker jumps',
    seconds: 110,
    promises: 'P1 P3 P4 P7 P14 P16',
    done: 'an hour ahead, back, an hour behind (libfaketime), beside a data plane whose clock is right; tokens, endings, full buckets and mails go from one to the other',
    short: false,
    run: async () => (faketime() ? withStage({}, (stage) => clockJumps(stage, 15)) : notRun('libfaketime')),
  },
  {
    name: 'soak at half load',
    seconds: 3700,
    promises: 'P13',
    done: 'an hour (`--minutes=`) of reads, verifies, logins, sign-ups and logouts at half of what is taken, measured before (`--rate=`)',
    short: false,
    run: () => withStage({}, (stage) => soak(stage, number('FAULTS_MINUTES') ?? 60, number('FAULTS_RATE'))),
  },
]
