// Everything in one file, dist/portico.mjs, so that it runs wherever Node is.
import { readdirSync, statSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

/** Bundles the sources into `outDir`/portico.mjs, with the license of the one package inside beside it, and answers that path. */
export async function bundle(outDir = path('./dist')) {
  await build({
    root: path('.'),
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    resolve: { alias: [{ find: /^@portico\/sdk$/, replacement: path('../../libs/sdk-js/portico.ts') }] },
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: path('./main.ts'),
      outDir,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'portico.mjs', banner: '#!/usr/bin/env node', codeSplitting: false } },
    },
  })
  await chmod(`${outDir}/portico.mjs`, 0o755)
  const commander = dirname(createRequire(import.meta.url).resolve('commander'))
  await writeFile(`${outDir}/third-party-licenses.txt`, `commander\n\n${await readFile(join(commander, 'LICENSE'), 'utf8')}`)
  return `${outDir}/portico.mjs`
}

/** Does nothing when the bundle is newer than everything in it. */
export async function bundleIfStale() {
  const built = statSync(path('./dist/portico.mjs'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const folders = ['.', './commands', '../../libs/sdk-js'].map(path)
  const sources = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => /\.(ts|json|mjs)$/.test(file))
      .map((file) => join(folder, file)),
  )
  if (sources.some((file) => statSync(file).mtimeMs > built)) await bundle()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle()
