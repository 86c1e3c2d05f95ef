// The console as static files, apps/console/dist/site: hashed names, so that a browser keeps them for good, and each file compressed
// beforehand, so that the control plane only hands it out.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const SITE = path('./dist/site')
const COMPRESSIBLE = /\.(html|js|css|svg)$/
// What it is made of; the stamp of the SDK's own build stands for the SDK.
const SOURCES = ['./src', './index.html', './build.mjs', './package.json', '../../libs/sdk-js/dist/.built', '../../package-lock.json'].map(
  path,
)

/** Builds and compresses. */
export async function buildConsole() {
  const [{ build }, { default: tailwind }] = await Promise.all([import('vite'), import('@tailwindcss/vite')])
  rmSync(SITE, { recursive: true, force: true })
  await build({
    root: path('.'),
    base: '/console/',
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [tailwind()],
    resolve: { alias: [{ find: /^@portico\/sdk$/, replacement: path('../../libs/sdk-js/portico.ts') }] },
    build: {
      outDir: SITE,
      target: 'es2022',
      // A file of its own even when small: a policy that takes no `data:` needs no exception.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        // "use client" means something to servers that render React; there is none here.
        onwarn: (warning, tell) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || tell(warning),
      },
    },
  })
  for (const file of filesBelow(SITE).filter((name) => COMPRESSIBLE.test(name))) compress(file)
}

function compress(file) {
  const content = readFileSync(file)
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }))
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }))
}

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** Does nothing when what was built is newer than everything it is made of. */
export async function buildConsoleIfStale() {
  const built = statSync(join(SITE, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const files = SOURCES.flatMap((source) => (statSync(source).isDirectory() ? filesBelow(source) : [source]))
  if (files.some((file) => statSync(file).mtimeMs > built)) await buildConsole()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildConsole()
