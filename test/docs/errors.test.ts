import { readFileSync } from 'node:fs'
import { ERROR_CATALOGUE } from '@portico/kernel/auth-error'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../../openapi/errors.md', import.meta.url), 'utf8')
const documented = Object.fromEntries(
  [...page.matchAll(/^\| `([a-z_]+)` \| (\d{3}) \| (.+?) \| (.+?) \|$/gm)].map(([, code, status]) => [code!, Number(status)]),
)

test('the error catalogue and its page list the same codes with the same status', () => {
  expect(documented).toEqual(Object.fromEntries(Object.entries(ERROR_CATALOGUE).map(([code, entry]) => [code, entry.status])))
})
