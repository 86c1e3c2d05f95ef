// `npm run build`: the Prisma client when its schema changed, then every package.
import { build, installIfNeeded, main, requireNode } from './steps.mjs'

await main(async () => {
  requireNode()
  await installIfNeeded()
  await build()
})
