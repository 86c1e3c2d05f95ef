import { describe, expect, test } from 'vitest'
import { HOSTILE_PATHS, OWN_PATHS } from '../../test/support/hostile-paths.js'
import { belowSite, isSameOriginPath } from './same-origin-path.js'

describe('a path of the app’s own site', () => {
  test.each(HOSTILE_PATHS)('%j is none', (path) => {
    expect([isSameOriginPath(path), belowSite('https://app.example', path)]).toEqual([false, null])
  })

  test.each(OWN_PATHS)('%s is one', (path) => {
    expect(belowSite('https://app.example', path)).toBe(`https://app.example${path}`)
  })
})

test.each([
  ['https://app.example/shop', '/shop', 'https://app.example/shop'],
  ['https://app.example/shop/', '/shop/cart?x=1', 'https://app.example/shop/cart?x=1'],
  ['https://app.example/shop', '/shopping', null],
  ['https://app.example/shop', '/', null],
  ['https://app.example/shop', '/admin', null],
  [null, '/home', null],
])('below %s, %s is %s', (site, path, expected) => {
  expect(belowSite(site, path)).toBe(expected)
})
