import { expect, test } from 'vitest'
import { RUNS } from './runs.js'

/** The short part of `npm run faults`. */
test.each(RUNS.filter((run) => run.short))('$name', async ({ run }) => {
  const { measured, problems } = await run('short')
  expect(problems, measured).toEqual([])
}, 120_000)
