import { expect, test } from 'vitest'
import { RUNS } from './runs.js'

/** The part of `npm run faults` that CI runs: `npm run faults:short`. */
test.each(RUNS.filter((run) => run.short))('$name', async ({ run }) => {
  const { measured, problems } = await run('short')
  expect(problems, measured).toEqual([])
}, 120_000)
