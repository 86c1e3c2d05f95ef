import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freshBundle } from '@portico/config/fresh-bundle'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const lineOf = (file: string, text: string) =>
  readFileSync(join(ROOT, file), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1

describe.each(['control-plane', 'data-plane', 'worker'])('the bundle of the %s', (app) => {
  const bundle = freshBundle(new URL(`../../apps/${app}/dist/main.js`, import.meta.url).href)

  test('is what `npm run build` leaves for main.js to run', () => {
    expect(bundle).not.toBeNull()
  })

  test('names our own lines in its stacks', () => {
    const calls = (text: string) => /^(?:const stop = )?stopGracefully\(/.test(text.trimStart())
    const folder = new URL('.', bundle ?? '')
    const linesOf = (name: string) => readFileSync(new URL(name, folder), 'utf8').split('\n')
    const chunk = readdirSync(folder).find((name) => name.endsWith('.js') && linesOf(name).some(calls))
    const file = new URL(chunk ?? '', folder)
    const lines = readFileSync(file, 'utf8').split('\n')
    const line = lines.findIndex(calls)
    const map = new SourceMap(JSON.parse(readFileSync(new URL(`${file.href}.map`), 'utf8')))
    const entry = map.findEntry(line, lines[line]?.indexOf('stop') ?? 0)
    expect('originalSource' in entry && new URL(entry.originalSource, file).href).toBe(
      new URL(`../../apps/${app}/${app === 'data-plane' ? 'run-process' : 'serve'}.ts`, import.meta.url).href,
    )
  })

  test('names for every line that throws, ours or a package’s, the file and line where that is written', () => {
    const folder = new URL('.', bundle ?? '')
    const originals = new Map<string, string[]>()
    const wrong: string[] = []
    let seen = 0
    // A chunk that only hands on what others hold has no map.
    for (const chunk of readdirSync(folder).flatMap((name) => (name.endsWith('.js.map') ? [name.slice(0, -4)] : []))) {
      const map = new SourceMap(JSON.parse(readFileSync(new URL(`${chunk}.map`, folder), 'utf8')))
      for (const [number, text] of readFileSync(new URL(chunk, folder), 'utf8').split('\n').entries()) {
        const column = text.indexOf('throw new ')
        const quoted = /throw new [\w$.]+\(["'`]([^"'`\\$]{12,})["'`]/.exec(text)?.[1]
        if (column === -1 || quoted === undefined) continue
        const entry = map.findEntry(number, column)
        const source = 'originalSource' in entry ? fileURLToPath(new URL(entry.originalSource, folder)) : ''
        if (source !== '' && !originals.has(source)) originals.set(source, readFileSync(source, 'utf8').split('\n'))
        // A message may be on a line after its `throw`, or put there by the bundler from a constant.
        const written = 'originalLine' in entry ? (originals.get(source)?.slice(entry.originalLine, entry.originalLine + 3) ?? []) : []
        seen++
        if (!written[0]?.includes('throw new ') && !written.some((line) => line.includes(quoted)))
          wrong.push(`${chunk}:${number + 1} is not ${source}:${'originalLine' in entry ? entry.originalLine + 1 : 0}`)
      }
    }
    expect(wrong).toEqual([])
    expect(seen).toBeGreaterThan(50)
  })
})

test('errors thrown in a package and in our code by turns name the file and line of each', async () => {
  const { bundleEntry } = (await import(new URL('../../scripts/bundle-services.mjs', import.meta.url).href)) as {
    bundleEntry: (entry: string, outDir: string) => Promise<void>
  }
  const out = mkdtempSync(join(tmpdir(), 'portico-stacks-'))
  try {
    await bundleEntry(join(ROOT, 'test/support/stack-probe.mjs'), out)
    const printed = execFileSync(process.execPath, ['--enable-source-maps', join(out, 'serve.js')], { encoding: 'utf8', timeout: 20_000 })
    const tops = [...printed.matchAll(/^\w+: .+\n +at (?:.*\()?(.+:\d+):\d+\)?$/gm)].map(([, place]) => place)
    const places = [
      ['node_modules/jose/dist/webapi/util/decode_jwt.js', 'new JWTInvalid("Invalid JWT")'],
      ['libs/crypto/token-digest.ts', 'throw new RangeError('],
      ['node_modules/jose/dist/webapi/jwks/remote.js', 'url must be an instance of URL'],
      ['libs/http/server-state.ts', 'not a server made by'],
    ] as const
    expect(tops).toEqual(places.map(([file, text]) => `${join(ROOT, file)}:${lineOf(file, text)}`))
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})
