import { chmod, chown, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { opaqueToken, systemEntropy } from '@portico/kernel/entropy'
import { everyoneMayEnter } from './account.js'
import { readIfThere } from './files.js'

/** Where root keeps clusters and binaries that another account has to reach. */
export const ROOT_HOME = '/var/lib/portico'

export interface State {
  home: string
  port: number
  password: string
}

function stateFile(dataDir: string): string {
  return join(dataDir, 'embedded-postgres.json')
}

export async function readState(dataDir: string): Promise<State | null> {
  const stored = await readIfThere(stateFile(dataDir))
  return stored ? (JSON.parse(stored) as State) : null
}

export async function newState(dataDir: string, asRoot: boolean, port: number | undefined): Promise<State> {
  let home = join(dataDir, 'postgres')
  if (asRoot && !(await everyoneMayEnter(dataDir))) {
    // Named after the data directory; the random part keeps a deleted and remade data directory from meeting the old cluster.
    home = join(ROOT_HOME, `${await shortDigest(dataDir)}-${systemEntropy.bytes(4).toString('hex')}`)
    const note = `The database of this directory lies in ${home}:\nPostgreSQL does not run as root, and the account it runs as cannot enter this directory.\nDelete both together.\n`
    await mkdir(ROOT_HOME, { recursive: true, mode: 0o755 })
    await writeFile(join(dataDir, 'where-is-the-database.txt'), note)
  }
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true, mode: 0o711 })
  await chmod(home, asRoot ? 0o711 : 0o700)
  const state = { home, port: port ?? (await portOrAnother(0)), password: opaqueToken(systemEntropy) }
  await writeState(dataDir, state)
  return state
}

export async function writeState(dataDir: string, state: State): Promise<void> {
  const draft = `${stateFile(dataDir)}.new-${process.pid}`
  const owner = await stat(dataDir)
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  // Root working once on somebody's data directory must not lock them out of it.
  if (process.getuid?.() === 0) await chown(draft, owner.uid, owner.gid)
  await rename(draft, stateFile(dataDir))
}

async function shortDigest(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex').slice(0, 12)
}

export async function portOrAnother(preferred: number): Promise<number> {
  for (const port of [preferred, 0]) {
    const bound = await new Promise<number | null>((done) => {
      const server = createServer()
      server.once('error', () => done(null))
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => done(typeof address === 'object' && address ? address.port : null))
      })
    })
    if (bound !== null) return bound
  }
  throw new Error('No free port on 127.0.0.1.')
}
