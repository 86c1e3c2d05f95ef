// `node scripts/build-sdk.mjs [sdk-js|sdk-app …]`: what is published of the SDKs. ES modules come from `tsc -b`; this adds CommonJS and the
// one-file script for plain pages. Does nothing when dist is newer than the sources, unless asked to begin anew (`--clean`, before
// publishing).
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, main, run, step } from './steps.mjs'

const SDKS = ['sdk-js', 'sdk-app']

export async function buildSdks(names = SDKS) {
  for (const name of names) if (isStale(name)) await step(`Building libs/${name}`, () => buildSdk(name))
}

async function buildSdk(name) {
  const folder = join('libs', name)
  const dist = join(ROOT, folder, 'dist')
  const tsc = (...args) => run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), ...args])
  await tsc('-b', folder)
  await tsc('-p', join(folder, 'tsconfig.cjs.json'))
  mkdirSync(join(dist, 'cjs'), { recursive: true })
  writeFileSync(join(dist, 'cjs', 'package.json'), '{ "type": "commonjs" }\n')
  if (name === 'sdk-app') await bundleForPages(dist)
  writeFileSync(stampOf(name), '')
}

/** dist/portico-auth.js: everything in one script, `window.PorticoAuth`. */
async function bundleForPages(dist) {
  const { build } = await import('vite')
  await build({
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    root: ROOT,
    publicDir: false,
    build: {
      outDir: dist,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'es2022',
      minify: 'oxc',
      lib: { entry: join(dist, 'browser-global.js'), formats: ['iife'], name: 'PorticoAuthScript', fileName: () => 'portico-auth.js' },
    },
  })
}

const stampOf = (name) => join(ROOT, 'libs', name, 'dist', '.built')

function isStale(name) {
  const built = statSync(stampOf(name), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const folder = join(ROOT, 'libs', name)
  return readdirSync(folder).some((file) => /\.(ts|json)$/.test(file) && statSync(join(folder, file)).mtimeMs > built)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2).filter((name) => name !== '--clean')
  const names = asked.length > 0 ? asked : SDKS
  await main(() => {
    // Before publishing: what is no longer a source must not stay in the package.
    if (process.argv.includes('--clean'))
      for (const name of names) rmSync(join(ROOT, 'libs', name, 'dist'), { recursive: true, force: true })
    return buildSdks(names)
  })
}
