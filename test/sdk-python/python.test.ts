import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProduct, type RunningProduct } from '../support/running-product.js'

const PACKAGE = fileURLToPath(new URL('../../libs/sdk-python', import.meta.url))
const found = spawnSync('python3', ['-c', 'import sys; print(sys.version_info >= (3, 9))'], { encoding: 'utf8' })
const missing = found.stdout?.trim() !== 'True'

describe.skipIf(missing)(`the Python package${missing ? ' (skipped: no Python 3.9 or newer on this machine)' : ''}`, () => {
  let product: RunningProduct
  let mail: Server
  let env: Record<string, string>

  beforeAll(async () => {
    product = await startProduct()
    // The tests ask here for the newest mailed link.
    mail = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
      product.mailedLink(searchParams.get('to') ?? '', new RegExp(searchParams.get('subject') ?? '', 'i')).then(
        (link) => response.end(link.href),
        (error: Error) => response.writeHead(404).end(error.message),
      )
    })
    await new Promise<void>((done) => mail.listen(0, '127.0.0.1', done))
    env = { PORTICO_URL: product.controlUrl, PORTICO_API_KEY: product.key, PORTICO_TEST_MAIL: `http://127.0.0.1:${(mail.address() as AddressInfo).port}` }
  })
  afterAll(async () => {
    mail?.closeAllConnections()
    mail?.close()
    await product?.stop()
  })

  test('passes its own tests against the running product', { timeout: 120_000 }, async () => {
    const { code, output } = await python(['-W', 'error::ResourceWarning', '-m', 'unittest'], env)
    expect(output).toMatch(/Ran \d+ tests[\s\S]*\nOK\n$/)
    expect(code).toBe(0)
  })

  test('every snippet of its README runs as written, one after the other', { timeout: 60_000 }, async () => {
    const readme = readFileSync(`${PACKAGE}/README.md`, 'utf8')
    const script = [...readme.matchAll(/```python runs\n([\s\S]*?)```/g)].map((match) => match[1]).join('\n')
    const { code, output } = await python(['-c', script], env)
    expect(output).toMatch(/^Ada\ninvalid_credentials\n[0-9a-f-]{36}\ninvalid_token\n$/)
    expect(code).toBe(0)
  })
})

function python(args: string[], env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn('python3', args, {
    cwd: PACKAGE,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PYTHONDONTWRITEBYTECODE: '1', ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => done({ code, output }))
  })
}
