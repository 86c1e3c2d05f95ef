// `npm run faults`: breaks the product on purpose and holds the promises against what happened; writes the table of docs/figures.md.
//   --only=a,b      runs whose name holds one of the words; only their rows of the table are written
//   --short         the short form of every run; nothing is written
//   --minutes=60    how long the soak takes; --rate=200: at so many requests a second, else half of what it measures
//   --list          the runs and how long each takes
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, Stop, build, installIfNeeded, main, requireNode, run } from './steps.mjs'

await main(async () => {
  requireNode()
  const args = process.argv.slice(2)
  const unknown = args.find((arg) => !/^--(short|list|only=.+|minutes=\d+|rate=\d+)$/.test(arg))
  if (unknown) throw new Stop(`Unknown option ${unknown}; known are --only=words, --short, --minutes=, --rate= and --list.`)
  if (args.includes('--list')) return list()
  await installIfNeeded()
  await build()
  const valueOf = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const only = valueOf('only')
  const folder = mkdtempSync(join(tmpdir(), 'portico-faults-not-run-'))
  const notRun = join(folder, 'names')
  const env = {
    ...process.env,
    FAULTS_NOT_RUN: notRun,
    ...(args.includes('--short') ? { FAULTS_SIZE: 'short' } : {}),
    ...(only === undefined ? {} : { FAULTS_ONLY: only }),
    ...(valueOf('minutes') === undefined ? {} : { FAULTS_MINUTES: valueOf('minutes') }),
    ...(valueOf('rate') === undefined ? {} : { FAULTS_RATE: valueOf('rate') }),
  }
  await run(
    process.execPath,
    [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--config', 'vitest.bench.config.ts', 'test/faults/all.fault.ts'],
    { env, inherit: true },
  ).finally(() => {
    // The last line, whatever came of the rest.
    const names = existsSync(notRun) ? readFileSync(notRun, 'utf8').trim().split('\n') : []
    console.log(names.length === 0 ? 'Every run that was chosen was run.' : `Not run on this machine: ${names.join('; ')}.`)
    rmSync(folder, { recursive: true })
  })
})

function list() {
  let total = 0
  // In the order of runs.ts. Read as text: nothing may be installed yet.
  const folder = join(ROOT, 'test', 'faults')
  const parts = readFileSync(join(folder, 'runs.ts'), 'utf8').match(/(?<=\.\.\.)\w+(?=_FAULTS)/g) ?? []
  for (const part of parts) {
    const text = readFileSync(join(folder, `${part.toLowerCase()}-faults.ts`), 'utf8')
    for (const [, name, seconds, done] of text.matchAll(/^ {4}name: '(.*)',\n {4}seconds: (\d+),\n(?:.*\n)?? {4}done: '(.*)',$/gm)) {
      console.log(`${seconds.padStart(5)} s  ${name}\n         ${done}`)
      total += Number(seconds)
    }
  }
  console.log(`${(total / 60).toFixed(0)} minutes in all; \`npm run faults:short\`, which CI runs, takes 2.`)
}
