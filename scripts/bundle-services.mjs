// Each service as few files instead of some 1,200, most of which are not called: reading and compiling those was half of its start and a
// fifth of its memory. `apps/<service>/dist/main.js` runs the bundle unless something was compiled since.
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, main } from './steps.mjs'

const SERVICES = ['control-plane', 'data-plane', 'worker']

/** Bundles what is missing or older than what was compiled. */
export async function bundleServices() {
  const compiled = [...readdirSync(join(ROOT, 'libs')).map((lib) => join('libs', lib)), ...SERVICES.map((app) => join('apps', app))].map(
    (folder) => join(ROOT, folder, 'dist', '.tsbuildinfo'),
  )
  const sources = [fileURLToPath(import.meta.url), join(ROOT, 'package-lock.json'), ...compiled]
  const newest = Math.max(...sources.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0))
  const stale = SERVICES.filter((app) => (statSync(entryOf(app), { throwIfNoEntry: false })?.mtimeMs ?? 0) <= newest)
  await Promise.all(stale.map(bundle))
}

const folderOf = (app) => join(ROOT, 'apps', app, 'dist', 'bundle')
const entryOf = (app) => join(folderOf(app), 'serve.js')

const bundle = (app) => bundleEntry(join(ROOT, 'apps', app, 'dist', 'serve.js'), folderOf(app))

/** Bundles one compiled file and all it imports into `outDir`/serve.js. */
export async function bundleEntry(entry, outDir) {
  const { build } = await import('vite')
  rmSync(outDir, { recursive: true, force: true })
  await build({
    root: ROOT,
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [ownPlaces(outDir), ownSourceMaps()],
    resolve: {
      // The builds of these two that can be taken apart: of all validators the few that are used, and no table of the world's telephone
      // numbers.
      alias: [
        { find: /^class-validator$/, replacement: join(ROOT, 'node_modules/class-validator/esm5/index.js') },
        { find: /^rxjs$/, replacement: join(ROOT, 'node_modules/rxjs/dist/esm/index.js') },
        { find: /^rxjs\/operators$/, replacement: join(ROOT, 'node_modules/rxjs/dist/esm/operators/index.js') },
      ],
    },
    ssr: { noExternal: true, external: ['@node-rs/argon2'], target: 'node' },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        external: isAbsentOption,
        output: { entryFileNames: 'serve.js', chunkFileNames: '[name]-[hash].js', sourcemapExcludeSources: true, comments: false },
      },
    },
  })
  for (const name of readdirSync(outDir).filter((file) => file.endsWith('.map'))) await withoutRepetitions(join(outDir, name))
}

/** The bundler names the same place again for every word of a line: more than half of a map, which each process holds in memory. */
async function withoutRepetitions(file) {
  const { decode, encode } = await import('@jridgewell/sourcemap-codec')
  const map = JSON.parse(readFileSync(file, 'utf8'))
  const isNew = (segment, i, line) => i === 0 || [1, 2, 3].some((field) => segment[field] !== line[i - 1][field])
  writeFileSync(file, JSON.stringify({ ...map, mappings: encode(decode(map.mappings).map((line) => line.filter(isNew))) }))
}

/** Packages that Nest, pg and others try to load and do without; we validate without Nest. */
function isAbsentOption(id, importer) {
  if (importer === undefined || !importer.includes('node_modules') || /^[./\0]|^node:/.test(id)) return false
  if (importer.includes('@nestjs/common') && ['class-validator', 'file-type'].includes(id)) return true
  const name = /^(@[^/]+\/)?[^/]+/.exec(id)[0]
  return (
    !existsSync(join(ROOT, 'node_modules', name)) &&
    !existsSync(join(importer.slice(0, importer.lastIndexOf('node_modules')), 'node_modules', name))
  )
}

/** Files that are named relative to a module are still found from where that module was. */
function ownPlaces(outDir) {
  return {
    name: 'own-places',
    transform: {
      filter: { id: /\.m?js$/, code: 'import.meta.url' },
      handler(code, id) {
        const place = relative(outDir, id).replaceAll('\\', '/')
        return { code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`), map: null }
      },
    },
  }
}

/**
 * Stacks name our TypeScript, and of a package its own file and line. Without a mapping for packages a frame inside one would take the
 * nearest mapping before it, and so name a file of ours that had nothing to do with it; more than one mapping a line would only take
 * memory.
 */
function ownSourceMaps() {
  return {
    name: 'own-source-maps',
    load: {
      filter: { id: /\.[mc]?js$/ },
      handler(id) {
        if (id.startsWith('\0') || !existsSync(id)) return null
        const code = readFileSync(id, 'utf8')
        if (id.includes('node_modules') || !existsSync(`${id}.map`)) return { code, map: lineByLine(id, code) }
        const map = JSON.parse(readFileSync(`${id}.map`, 'utf8'))
        return { code, map: { ...map, sourceRoot: undefined, sources: map.sources.map((source) => join(dirname(id), source)) } }
      },
    },
  }
}

/** Every line is that line of the file: `AAAA` is its first one, `AACA` the one after the last that was named. */
function lineByLine(id, code) {
  return { version: 3, names: [], sources: [id], mappings: `AAAA${';AACA'.repeat(code.split('\n').length - 1)}` }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(bundleServices)
