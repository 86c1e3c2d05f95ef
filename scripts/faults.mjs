// `npm run faults`: breaks the product on purpose and holds the promises against what happened; writes docs/figures.md.
//   --short         the short form of every run
//   --only=word     runs whose name holds the word; nothing is written then
//   --list          names only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, Stop, build, installIfNeeded, main, requireNode, run } from './steps.mjs'

await main(async () => {
  requireNode()
  const args = process.argv.slice(2)
  const unknown = args.find((arg) => !/^--(short|list|only=.+)$/.test(arg))
  if (unknown) throw new Stop(`Unknown option ${unknown}; known are --short, --only=word and --list.`)
  if (args.includes('--list')) {
    for (const [, name] of readFileSync(join(ROOT, 'test', 'faults', 'runs.ts'), 'utf8').matchAll(/^ {4}name: '(.*)',$/gm)) console.log(name)
    return
  }
  await installIfNeeded()
  await build()
  const only = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length)
  const env = { ...process.env, ...(args.includes('--short') ? { FAULTS_SIZE: 'short' } : {}), ...(only === undefined ? {} : { FAULTS_ONLY: only }) }
  await run(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--config', 'vitest.bench.config.ts', 'test/faults/all.fault.ts'], { env, inherit: true })
})
