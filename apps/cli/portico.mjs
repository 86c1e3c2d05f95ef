#!/usr/bin/env node
// Committed beside the bundle so that npm can link the command before the first build.
import { existsSync } from 'node:fs'

const bundle = new URL('./dist/portico.mjs', import.meta.url)
if (existsSync(bundle)) {
  await import(bundle.href)
} else {
  console.error('The portico command is not built yet: run `npm run build` in the repository (npm start does it too).')
  process.exitCode = 1
}
