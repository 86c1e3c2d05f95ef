import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configPath, ProfileStore } from './profile-store.js'

const KEY = 'msk_test_abcdefghijklmnopqrstuvwxyz'
let folder: string
let path: string
let warnings: string[]
let store: ProfileStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-cli-'))
  path = join(folder, 'portico', 'config.json')
  warnings = []
  store = new ProfileStore(path, (message) => warnings.push(message))
})
afterEach(() => rmSync(folder, { recursive: true }))

const mode = (file: string) => statSync(file).mode & 0o777

describe('where it is', () => {
  test('XDG_CONFIG_HOME decides, unless it is relative', () => {
    expect(configPath({ XDG_CONFIG_HOME: '/x', HOME: '/home/ada' })).toBe('/x/portico/config.json')
    expect(configPath({ XDG_CONFIG_HOME: 'x', HOME: '/home/ada' })).toBe('/home/ada/.config/portico/config.json')
  })
})

test('only the owner may read the file, from its first moment', () => {
  store.save('default', { apiUrl: 'https://control.example', apiKey: KEY })
  expect([mode(path), mode(join(folder, 'portico'))]).toEqual([0o600, 0o700])
  expect(existsSync(`${path}.${process.pid}.tmp`)).toBe(false)
})

test('a file that others could read is closed and told about, without the key', () => {
  store.save('default', { apiUrl: 'https://control.example', apiKey: KEY })
  chmodSync(path, 0o644)
  expect(store.get('default')?.apiKey).toBe(KEY)
  expect(mode(path)).toBe(0o600)
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).not.toContain(KEY)
})

test('saving makes a profile the current one; removing it moves on to another', () => {
  store.save('one', { apiUrl: 'https://one.example', apiKey: KEY })
  store.save('two', { apiUrl: 'https://two.example', apiKey: KEY, project: 'proj_x' })
  expect(store.currentName()).toBe('two')
  store.use('one')
  expect(store.list().map(({ name, current }) => [name, current])).toEqual([
    ['one', true],
    ['two', false],
  ])
  expect(store.remove('one')).toBe(true)
  expect(store.currentName()).toBe('two')
  expect(store.get('two')).toEqual({ apiUrl: 'https://two.example', apiKey: KEY, project: 'proj_x' })
})

test('a name that is no name, or unknown, is refused', () => {
  expect(() => store.save('../evil', { apiUrl: 'https://x.example' })).toThrow('not a profile name')
  expect(() => store.use('nowhere')).toThrow('There is no profile "nowhere"')
  expect(store.get('__proto__')).toBeNull()
})

test('a broken file is not overwritten', () => {
  store.save('default', { apiUrl: 'https://control.example', apiKey: KEY })
  writeFileSync(path, '{ half')
  expect(() => store.save('other', { apiUrl: 'https://x.example' })).toThrow('not readable as configuration')
  expect(readFileSync(path, 'utf8')).toBe('{ half')
})
