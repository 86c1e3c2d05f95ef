import { spawn } from 'node:child_process'
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Account } from './account.js'
import { readPackageVersion } from './binaries.js'

/** Superuser of the private server. */
export const OWNER = 'portico_owner'

async function run(command: string, args: string[], account: Account | null): Promise<void> {
  const child = spawn(command, args, {
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    ...account,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await new Promise<void>((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => (code === 0 ? done() : fail(new Error(`${command} ended with ${code}:\n${output}`))))
  })
}

export function serverEnvironment(): NodeJS.ProcessEnv {
  // Nothing inherited: a stray PGDATA, PGPORT or LC_ALL would change what starts.
  const kept = process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'], TEMP: process.env['TEMP'] } : {}
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', ...kept }
}

export function executable(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name
}

export async function initialise(native: string, cluster: string, password: string, account: Account | null): Promise<void> {
  const home = dirname(cluster)
  // Under another name until it is complete, so that an interrupted first start leaves nothing half made in its place.
  const draft = join(home, `data.new-${process.pid}`)
  const passwordFile = join(home, `password.new-${process.pid}`)
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account) await Promise.all([chown(draft, account.uid, account.gid), chown(passwordFile, account.uid, account.gid)])
  try {
    await run(
      join(native, 'bin', executable('initdb')),
      [
        '-D',
        draft,
        '-U',
        OWNER,
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ],
      account,
    )
    await rename(draft, cluster)
  } finally {
    await Promise.all([rm(passwordFile, { force: true }), rm(draft, { recursive: true, force: true })])
  }
}

export async function refuseOtherMajor(native: string, cluster: string): Promise<void> {
  const has = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim()
  const wants = (await readPackageVersion(native)).split('.')[0]
  if (has !== wants) {
    throw new Error(`${cluster} was made by PostgreSQL ${has}; this release runs ${wants}. Dump it with the old release, or move the data directory away to start empty.`)
  }
}
