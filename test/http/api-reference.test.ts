import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { createRequire } from 'node:module'
import { brotliDecompressSync } from 'node:zlib'
import { createHttpServer } from '@portico/http/http-server'
import { registerOpenApi } from '@portico/http/openapi-page'
import { pino } from 'pino'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const FOLDER = new URL('../../libs/http/reference/', import.meta.url)
const PLANES = ['control-plane', 'data-plane'] as const

const servers = new Map<string, { base: string; close: () => Promise<unknown> }>()
beforeAll(async () => {
  for (const plane of PLANES) {
    const server = createHttpServer({ logger: pino({ level: 'silent' }) })
    registerOpenApi(server, { file: new URL(`../../openapi/${plane}.yaml`, import.meta.url).pathname })
    servers.set(plane, { base: await server.listen({ port: 0, host: '127.0.0.1' }), close: () => server.close() })
  }
})
afterAll(() => Promise.all([...servers.values()].map(({ close }) => close())))
const baseOf = (plane: string) => servers.get(plane)?.base ?? ''

/** As it comes, where `fetch` would take the encoding off. */
const raw = (url: string, encoding: string) =>
  new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': encoding } }, (response) => {
      const chunks: Buffer[] = []
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }))
    }).on('error', reject)
  })

describe('the script of the API reference', () => {
  const source = JSON.parse(readFileSync(new URL('source.json', FOLDER), 'utf8')) as {
    package: string
    version: string
    license: string
    sha256: string
  }

  test('is the file that source.json names, with its license beside it', () => {
    const script = brotliDecompressSync(readFileSync(new URL('scalar.js.br', FOLDER)))
    expect(createHash('sha256').update(script).digest('hex')).toBe(source.sha256)
    expect(source).toMatchObject({ package: '@scalar/api-reference', license: 'MIT' })
    expect(readFileSync(new URL('LICENSE', FOLDER), 'utf8')).toContain('Copyright (c) 2023-present Scalar')
  })

  test('comes compressed or not, and is kept for good under the name that the page gives it', async () => {
    const page = await (await fetch(`${baseOf('data-plane')}/docs`)).text()
    const path = /<script src="(docs\/reference\.js\?v=[0-9a-f]{16})">/.exec(page)?.[1] ?? ''
    const [packed, plain, other] = [
      await raw(`${baseOf('data-plane')}/${path}`, 'gzip, br'),
      await raw(`${baseOf('data-plane')}/${path}`, 'gzip'),
      await raw(`${baseOf('data-plane')}/docs/reference.js?v=old`, 'br'),
    ]
    expect(packed.headers).toMatchObject({
      'content-encoding': 'br',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(brotliDecompressSync(packed.body).equals(plain.body)).toBe(true)
    expect(other.headers['cache-control']).toBe('public, max-age=300')
  })

  test('runs under a policy that lets no other origin in', async () => {
    const policy = (await fetch(`${baseOf('control-plane')}/docs`)).headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'")
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/)
  })
})

describe.skipIf(!CHROMIUM)('the API reference in a browser', () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })
  afterAll(() => browser.close())

  // The page is the same for both but for its content: each width and each scheme once for each.
  const LOOKS = { 'control-plane': [[1280, 'light'], [390, 'dark']], 'data-plane': [[1280, 'dark'], [390, 'light']] } as const
  test.each(PLANES.flatMap((plane) => LOOKS[plane].map((look) => [plane, ...look] as const)))(
    '%s at %i px, %s: shows operations, calls no other host, is readable and no wider than the screen',
    { timeout: 60_000 },
    async (plane, width, colorScheme) => {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
      const page = await context.newPage()
      const outside: string[] = []
      const problems: string[] = []
      page.on(
        'request',
        (request) => /^(data|blob):/.test(request.url()) || new URL(request.url()).origin === baseOf(plane) || outside.push(request.url()),
      )
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
      for (const [place, shown] of [
        ['', 'Every path'],
        plane === 'data-plane' ? ['#tag/session', '/refresh'] : ['#tag/projects', '/projects'],
      ] as const) {
        await page.goto(`${baseOf(plane)}/docs${place}`)
        await page.reload()
        if (place !== '' || plane === 'data-plane') await page.getByText(shown).first().waitFor({ timeout: 30_000 })
        else await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 30_000 })
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
        await page.evaluate(axe)
        const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
          violations: { id: string; impact: string; nodes: { html: string }[] }[]
        }
        // Scalar calls the picker between the variants of a schema "Schema" and shows the variant's name.
        const serious = found.violations.filter(
          ({ id, impact }) => ['serious', 'critical'].includes(impact) && id !== 'label-content-name-mismatch',
        )
        expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
      }
      expect(outside).toEqual([])
      expect(problems).toEqual([])
      await context.close()
    },
  )
})
