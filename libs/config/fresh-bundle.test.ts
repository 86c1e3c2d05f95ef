import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { freshBundle } from './fresh-bundle.js'

const root = mkdtempSync(join(tmpdir(), 'portico-bundle-'))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const MAIN = 'apps/api/dist/main.js'
const BUNDLE = 'apps/api/dist/bundle/serve.js'

function files(times: Record<string, number>): string | null {
  mkdirSync(join(root, 'libs'), { recursive: true })
  for (const [name, seconds] of Object.entries(times)) {
    const file = join(root, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '')
    utimesSync(file, seconds, seconds)
  }
  return freshBundle(pathToFileURL(join(root, MAIN)).href)
}

test('a bundle that is newer than what was compiled is used', () => {
  expect(files({ [BUNDLE]: 20, 'apps/api/dist/.tsbuildinfo': 10, 'libs/a/dist/.tsbuildinfo': 10 })).toBe(
    pathToFileURL(join(root, BUNDLE)).href,
  )
})

test('an image without build information uses its bundle', () => {
  expect(files({ [BUNDLE]: 20, 'libs/a/dist/a.js': 30 })).not.toBeNull()
})

test('a library or the service compiled since then is what runs', () => {
  expect(
    files({ [BUNDLE]: 20, 'apps/api/dist/.tsbuildinfo': 10, 'libs/a/dist/.tsbuildinfo': 10, 'libs/b/dist/.tsbuildinfo': 30 }),
  ).toBeNull()
  rmSync(root, { recursive: true })
  expect(files({ [BUNDLE]: 20, 'apps/api/dist/.tsbuildinfo': 30, 'libs/a/dist/.tsbuildinfo': 10 })).toBeNull()
})

test('without a bundle the compiled files run', () => {
  expect(files({ 'apps/api/dist/.tsbuildinfo': 10 })).toBeNull()
})
