import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildProgram } from '../../apps/cli/program.js'
import { square } from '../support/png.js'
import { startProduct, type RunningProduct } from '../support/running-product.js'
import { collect, testCommandLine, type TestCommandLine } from './run-portico.js'

const readme = readFileSync(new URL('../../apps/cli/README.md', import.meta.url), 'utf8')
let product: RunningProduct
let cli: TestCommandLine

beforeAll(async () => {
  product = await startProduct({ mail: 'inbox' })
  cli = await testCommandLine({ PORTICO_URL: product.controlUrl })
  writeFileSync(join(cli.binFolder, 'key.txt'), `${product.key}\n`)
  writeFileSync(join(cli.binFolder, 'logo.png'), Buffer.from(square(48), 'base64'))
})
afterAll(async () => {
  cli?.remove()
  await product?.stop()
})

test('every snippet of the README runs as written, one after the other', { timeout: 60_000 }, async () => {
  const script = [...readme.matchAll(/```sh runs\n([\s\S]*?)```/g)].map((match) => match[1]).join('\n')
  const child = cli.startScript(script, { cwd: cli.binFolder })
  child.stdin?.end()
  const { code, stdout, stderr } = await collect(child)
  expect([code, stderr.includes('Error')], stderr).toEqual([0, false])
  expect(stdout).toMatch(new RegExp(`^${product.dataUrl}/proj_\\S+ 64$`, 'm'))
  expect(stdout).toContain("export STRIPE_KEY='sk_secret'")
  expect(stdout).not.toContain(product.key)
})

test('the README names every command that there is', () => {
  const names = buildProgram({ stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: {} })
    .commands.map((command) => command.name())
    .filter((name) => !name.startsWith('_'))
  for (const name of names) expect(readme).toMatch(new RegExp(`portico ${name}|\`${name}\``))
})

test('the inbox shows what was not mailed, with its link', { timeout: 30_000 }, async () => {
  await cli.portico(['login', '--api-key-stdin'], { input: product.key })
  const { id } = (await cli.json(['projects', 'create', 'Mail'])) as { id: string }
  await cli.json(['data', 'auth', 'enable', '--project', id])
  await fetch(`${product.dataUrl}/${id}/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'inbox@example.com', password: 'correct horse battery 9!' }),
  })
  await expect
    .poll(() => cli.json(['inbox', '--to', 'inbox@example.com']), { timeout: 15_000, interval: 500 })
    .toMatchObject([{ to: 'inbox@example.com', link: expect.stringContaining('token=') }])
  expect((await cli.portico(['inbox'])).stdout).toMatch(/^ {2}link {2}http/m)
})
