import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * The bundle that `npm run build` made of a service, or null when there is none or something was compiled since, as by `npm run dev`.
 * @param main URL of `apps/<service>/dist/main.js`
 */
export function freshBundle(main: string): string | null {
  const bundle = new URL('bundle/serve.js', main)
  if (!existsSync(bundle)) return null
  const built = statSync(bundle).mtimeMs
  const libs = new URL('../../../libs/', main)
  const compiled = [
    new URL('.tsbuildinfo', main),
    ...readdirSync(fileURLToPath(libs)).map((lib) => new URL(`${lib}/dist/.tsbuildinfo`, libs)),
  ]
  return compiled.some((stamp) => (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0) > built) ? null : bundle.href
}
