// Everything in one file, dist/portico.mjs, so that it runs wherever Node is.
import { chmod } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

/** Bundles the sources into `outDir`/portico.mjs and answers that path. */
export async function bundle(outDir = path('./dist')) {
  await build({
    root: path('.'),
    configFile: false,
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
  return `${outDir}/portico.mjs`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle()
