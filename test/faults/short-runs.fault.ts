import { expect, test } from 'vitest'
import { writeLedger } from './load.js'
import { RUNS } from './runs.js'

/** The part of `npm run faults` that CI runs: `npm run faults:short`. */
test.each(RUNS.filter((run) => run.short))('$name', async ({ name, run }) => {
  const { measured, problems, ledger } = await run('short')
  expect(problems, problems.length > 0 ? `${measured}; every request: ${writeLedger(name, ledger)}` : measured).toEqual([])
}, 120_000)
