import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { withFaultRows } from './fault-table.js'
import { writeLedger } from './load.js'
import { RUNS } from './runs.js'

/** `npm run faults`: FAULTS_ONLY picks runs by words of their names, FAULTS_SIZE=short takes the short form, which writes nothing. */
const words = process.env['FAULTS_ONLY']?.toLowerCase().split(',')
const size = process.env['FAULTS_SIZE'] === 'short' ? 'short' : 'long'
const FIGURES = process.env['FAULTS_FIGURES'] ?? fileURLToPath(new URL('../../docs/figures.md', import.meta.url))
const NOT_RUN = process.env['FAULTS_NOT_RUN']
const chosen = RUNS.filter((run) => words === undefined || words.some((word) => run.name.toLowerCase().includes(word)))

test.each(chosen)('$name', async ({ name, promises, done, run }) => {
  const began = performance.now()
  const { measured, problems, ledger, notRun } = await run(size)
  const seconds = (performance.now() - began) / 1000
  const lines = [
    `\n${notRun !== undefined ? 'NOT RUN' : problems.length === 0 ? 'PASSED' : 'FAILED'} ${name} (${seconds.toFixed(0)} s): ${measured}`,
    ...problems.slice(0, 10).map((problem) => `  ${problem}`),
  ]
  if (ledger.length > 0) lines.push(`  every request: ${writeLedger(name, ledger)}`)
  writeSync(1, `${lines.join('\n')}\n`)
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', cwd: fileURLToPath(new URL('.', import.meta.url)) }).trim()
  // What could not be run here leaves the row of where it could.
  if (size === 'long' && notRun === undefined) {
    const about = `\`npm run faults\`, one run: \`npm run faults -- --only=words\`. ${availableParallelism()} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}.`
    const when = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${git('rev-parse', '--short', 'HEAD')}`
    const row = { name, promises, done, measured, passed: problems.length === 0 ? 'yes' : `**no**: ${problems[0]}`, when }
    // At once: a run that is ended half way has said what it knows.
    writeFileSync(FIGURES, withFaultRows(readFileSync(FIGURES, 'utf8'), about, [row], RUNS.map((one) => one.name)))
  }
  // Said again at the very end (scripts/faults.mjs): nobody shall take what was not run for what held.
  if (notRun !== undefined && NOT_RUN !== undefined) appendFileSync(NOT_RUN, `${name} (no ${notRun})\n`)
  expect(problems).toEqual([])
  // An hour of soak, and its beginning and end.
}, 7_200_000)
