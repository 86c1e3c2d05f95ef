import { expect, test } from 'vitest'
import { isSameOriginPath, sameOriginPath } from '../../libs/sdk-app/same-origin-path.js'
import { HOSTILE_PATHS, OWN_PATHS } from '../support/hostile-paths.js'

test.each(HOSTILE_PATHS)('%j leads nowhere', (path) => {
  expect(isSameOriginPath(path)).toBe(false)
  expect(sameOriginPath(path)).toBe('/')
})

test.each(OWN_PATHS)('%s is a path of the app', (path) => {
  expect(sameOriginPath(path)).toBe(path)
})

test('what is no text leads nowhere', () => {
  for (const value of [null, undefined, 3, {}, ['/x'], '/'.padEnd(3_000, 'x')]) expect(sameOriginPath(value, '/home')).toBe('/home')
})
