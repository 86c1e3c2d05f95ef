// `npm run proof:isolation`: 10,000 or more foreign requests against every route, every table asked by every service role, and a report.
// PROOF_ATTEMPTS sets another number.
import { join } from 'node:path'
import { installIfNeeded, main, requireNode, run, ROOT } from './steps.mjs'

await main(async () => {
  requireNode()
  await installIfNeeded()
  process.chdir(ROOT)
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  await run(
    process.execPath,
    [vitest, 'run', '--config', 'vitest.bench.config.ts', 'test/isolation/isolation.proof.ts', ...process.argv.slice(2)],
    { inherit: true },
  )
})
