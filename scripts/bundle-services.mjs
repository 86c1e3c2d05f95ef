// Each service as few files instead of some 1,200, most of which are not called: reading and compiling those was half of its start and a fifth of
// its memory. `apps/<service>/dist/main.js` runs the bundle unless something was compiled since.
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, main } from './steps.mjs'

const SERVICES = ['control-plane', 'data-plane', 'worker']

/** Bundles what is missing or older than what was compiled. */
export async function bundleServices() {
  const compiled = [...readdirSync(join(ROOT, 'libs')).map((lib) => join('libs', lib)), ...SERVICES.map((app) => join('apps', app))].map((folder) => join(ROOT, folder, 'dist', '.tsbuildinfo'))
  const sources = [fileURLToPath(import.meta.url), join(ROOT, 'package-lock.json'), ...compiled]
  const newest = Math.max(...sources.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0))
  const stale = SERVICES.filter((app) => (statSync(entryOf(app), { throwIfNoEntry: false })?.mtimeMs ?? 0) <= newest)
  await Promise.all(stale.map(bundle))
}

const folderOf = (app) => join(ROOT, 'apps', app, 'dist', 'bundle')
const entryOf = (app) => join(folderOf(app), 'serve.js')

async function bundle(app) {
  const { build } = await import('vite')
  const outDir = folderOf(app)
  rmSync(outDir, { recursive: true, force: true })
  await build({
    root: ROOT,
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [ownPlaces(outDir), ownSourceMaps()],
    resolve: {
      // The builds of these two that can be taken apart: of all validators the few that are used, and no table of the world's telephone numbers.
      alias: [
        { find: /^class-validator$/, replacement: join(ROOT, 'node_modules/class-validator/esm5/index.js') },
        { find: /^rxjs$/, replacement: join(ROOT, 'node_modules/rxjs/dist/esm/index.js') },
        { find: /^rxjs\/operators$/, replacement: join(ROOT, 'node_modules/rxjs/dist/esm/operators/index.js') },
      ],
    },
    ssr: { noExternal: true, external: ['@node-rs/argon2'], target: 'node' },
    build: {
      ssr: join(ROOT, 'apps', app, 'dist', 'serve.js'),
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
}

/** Packages that Nest, pg and others try to load and do without; we validate without Nest. */
function isAbsentOption(id, importer) {
  if (importer === undefined || !importer.includes('node_modules') || /^[./\0]|^node:/.test(id)) return false
  if (importer.includes('@nestjs/common') && ['class-validator', 'file-type'].includes(id)) return true
  const name = /^(@[^/]+\/)?[^/]+/.exec(id)[0]
  return !existsSync(join(ROOT, 'node_modules', name)) && !existsSync(join(importer.slice(0, importer.lastIndexOf('node_modules')), 'node_modules', name))
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

/** Stacks name our TypeScript lines; a table of all packages' lines would only take memory. */
function ownSourceMaps() {
  return {
    name: 'own-source-maps',
    load: {
      filter: { id: /\.m?js$/ },
      handler(id) {
        if (id.startsWith('\0') || !existsSync(id)) return null
        const code = readFileSync(id, 'utf8')
        if (id.includes('node_modules') || !existsSync(`${id}.map`)) return { code, map: { mappings: '' } }
        const map = JSON.parse(readFileSync(`${id}.map`, 'utf8'))
        return { code, map: { ...map, sourceRoot: undefined, sources: map.sources.map((source) => join(dirname(id), source)) } }
      },
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(bundleServices)
