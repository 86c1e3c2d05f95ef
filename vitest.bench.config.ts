import { mergeConfig } from 'vitest/config'
import base from './vitest.config.js'

/** Long measured runs: `npm run bench:<name>`. Not part of `npm test`. */
const config = mergeConfig(base, { test: { testTimeout: 1_200_000, hookTimeout: 120_000 } })
config.test!.include = ['test/bench/**/*.bench.ts']
export default config
