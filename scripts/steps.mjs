// Shared by the scripts of this folder. Plain Node: runs before anything is installed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** An expected failure: its message says what to do, a stack would only hide it. */
export class Stop extends Error {}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) throw new Stop(`Node 20.19 or newer is needed; this is ${process.versions.node}.`)
}

/** Runs `work`; says so when it takes longer than a second. */
export async function step(title, work) {
  const started = Date.now()
  let told = false
  const timer = setTimeout(() => {
    told = true
    console.log(`${title} …`)
  }, 1000)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
    if (told) console.log(`${title}: ${((Date.now() - started) / 1000).toFixed(1)} s`)
  }
}

/** Runs a command quietly; throws Stop with its output when it fails. */
export async function run(command, args, { env = process.env, inherit = false, cwd = ROOT } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const code = await new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  if (code !== 0) throw new Stop(`${[command, ...args].join(' ')} ended with ${code}.\n${output}`)
}

/** `npm ci`, unless node_modules already holds what the lockfile names. */
export async function installIfNeeded() {
  if (installed()) return
  await step('Installing packages (npm ci)', () => {
    // Install scripts are not needed, and prisma's would look for a download.
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    return process.env.npm_execpath ? run(process.execPath, [process.env.npm_execpath, ...args]) : run('npm', args)
  })
}

function installed() {
  const hidden = join(ROOT, 'node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return false
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages
  return Object.entries(wanted).every(([path, { version, optional, link, extraneous }]) => {
    if (!path.includes('node_modules/') || optional || extraneous) return true
    return link ? existsSync(join(ROOT, path)) : present[path]?.version === version
  })
}

/**
 * The Prisma client when the schema changed, then the compiler, which itself skips what is up to date, then the bundles and the console.
 */
export async function build() {
  await generateClient()
  await step('Compiling', () => run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b']))
  await describeApis()
  const { buildSdks } = await import('./build-sdk.mjs')
  await buildSdks()
  const { bundleIfStale } = await import('../apps/cli/bundle.mjs')
  await step('Bundling apps/cli', bundleIfStale)
  const { bundleServices } = await import('./bundle-services.mjs')
  await step('Bundling the services', bundleServices)
  const { buildConsoleIfStale } = await import('../apps/console/build.mjs')
  await step('Building the console', buildConsoleIfStale)
}

/** The OpenAPI files as JSON, so that no process parses YAML. */
async function describeApis() {
  for (const plane of ['control-plane', 'data-plane']) {
    const source = join(ROOT, 'openapi', `${plane}.yaml`)
    const built = join(ROOT, 'apps', plane, 'dist', 'openapi.json')
    if (!existsSync(source) || (existsSync(built) && statSync(built).mtimeMs >= statSync(source).mtimeMs)) continue
    const { parse } = await import('yaml')
    writeFileSync(built, JSON.stringify(parse(readFileSync(source, 'utf8'))))
  }
}

async function generateClient() {
  const schema = join(ROOT, 'prisma', 'schema.prisma')
  if (!existsSync(schema)) return
  const generated = join(ROOT, 'libs', 'database', 'generated')
  const stamp = join(generated, '.built-from')
  const prismaVersion = JSON.parse(readFileSync(join(ROOT, 'node_modules', 'prisma', 'package.json'), 'utf8')).version
  const digest = createHash('sha256').update(prismaVersion).update(readFileSync(schema)).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  await step('Generating the Prisma client', () =>
    run(process.execPath, [join('node_modules', 'prisma', 'build', 'index.js'), 'generate'], {
      // Without it every prisma command first tries to download an engine that `generate` does not use.
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
    }),
  )
  mkdirSync(generated, { recursive: true })
  writeFileSync(stamp, digest)
}

/** Runs a script's main function; prints what went wrong without a stack when it was expected. */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    console.error(error instanceof Stop || error?.name === 'ConfigError' ? error.message : error)
    process.exitCode = 1
  }
}
