import { mergeConfig } from 'vitest/config'
import base from './vitest.config.js'

/** Long runs, each with a command of its own (`npm run bench:rotation`, `faults`, `proof:isolation`). Not part of `npm test`. */
const config = mergeConfig(base, { test: { testTimeout: 3_600_000, hookTimeout: 120_000, fileParallelism: false, isolate: true } })
config.test!.include = ['test/bench/**/*.bench.ts', 'test/faults/**/*.fault.ts', 'test/isolation/**/*.proof.ts']
export default config
