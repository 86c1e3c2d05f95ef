import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname

test('the API reference, docs/settings.md and the options of the command line say what the table of settings says', () => {
  expect(() =>
    execFileSync(process.execPath, ['tools/settings-reference/generate.mjs', '--check'], { cwd: ROOT, stdio: 'pipe' }),
  ).not.toThrow()
})
