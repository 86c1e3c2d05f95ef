import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

test('a field of a body that may be null says so where it is read, and no other does', () => {
  const files = readdirSync(`${ROOT}apps`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.body.ts') && !file.includes('node_modules'))
    .map((file) => `apps/${file}`)
  const lines = files.flatMap((file) => readFileSync(`${ROOT}${file}`, 'utf8').split('\n').map((line) => ({ file, line: line.trim() })))
  const optional = lines.filter(({ line }) => line.includes('@IsOptional()'))
  expect(optional.length).toBeGreaterThan(50)
  // Without @Nullable() null is read as left out (libs/http/validated.ts), and a setting could not be taken away.
  expect(optional.filter(({ line }) => line.endsWith('| null') !== line.includes('@Nullable()'))).toEqual([])
})
