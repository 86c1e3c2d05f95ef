import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { freshBundle } from '@portico/config/fresh-bundle'
import { describe, expect, test } from 'vitest'

describe.each(['control-plane', 'data-plane', 'worker'])('the bundle of the %s', (app) => {
  const bundle = freshBundle(new URL(`../../apps/${app}/dist/main.js`, import.meta.url).href)

  test('is what `npm run build` leaves for main.js to run', () => {
    expect(bundle).not.toBeNull()
  })

  test('names our own lines in its stacks', () => {
    const file = new URL(bundle ?? '')
    const lines = readFileSync(file, 'utf8').split('\n')
    const line = lines.findIndex((text) => text.trimStart().startsWith('stopGracefully('))
    const map = new SourceMap(JSON.parse(readFileSync(new URL(`${file.href}.map`), 'utf8')))
    const entry = map.findEntry(line, lines[line]?.indexOf('stop') ?? 0)
    expect('originalSource' in entry && new URL(entry.originalSource, file).href).toBe(new URL(`../../apps/${app}/serve.ts`, import.meta.url).href)
  })
})
