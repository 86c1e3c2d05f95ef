import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { VERSION } from './version.js'

test('the version that every answer says is that of the packages', () => {
  const packages = ['../../package.json', '../../apps/cli/package.json', '../sdk-js/package.json', '../sdk-app/package.json']
  for (const file of packages) {
    const { version } = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as { version: string }
    expect([file, version]).toEqual([file, VERSION])
  }
  const planes = ['../../openapi/control-plane.yaml', '../../openapi/data-plane.yaml']
  const others = ['../../apps/cli/program.ts', '../sdk-python/pyproject.toml', ...planes]
  for (const file of others)
    expect([file, readFileSync(new URL(file, import.meta.url), 'utf8').includes(VERSION)]).toEqual([file, true])
})
