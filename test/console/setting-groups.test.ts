import { SETTINGS } from '@portico/kernel/settings/project-settings'
import { expect, test } from 'vitest'
import { ELSEWHERE, GROUPS, titleOf } from '../../apps/console/src/pages/sign-in/setting-groups.js'

test.each(Object.keys(SETTINGS))('the setting %s stands in exactly one group of the sign-in page, or on a page of its own', (name) => {
  const places = [...GROUPS.filter(({ names }) => names.includes(name)).map(({ id }) => id), ...ELSEWHERE.filter((other) => other === name)]
  expect(places).toHaveLength(1)
})

test('no group names a setting that there is not', () => {
  expect(GROUPS.flatMap(({ names }) => names).filter((name) => !Object.hasOwn(SETTINGS, name))).toEqual([])
})

test('no two settings have one title', () => {
  const titles = Object.keys(SETTINGS).map(titleOf)
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([])
})
