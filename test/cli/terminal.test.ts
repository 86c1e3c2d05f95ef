import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProduct, type RunningProduct } from '../support/running-product.js'
import { collect, testCommandLine, type TestCommandLine } from './run-portico.js'

const DRIVER = fileURLToPath(new URL('terminal.py', import.meta.url))
const missing = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status !== 0

let product: RunningProduct
let cli: TestCommandLine

beforeAll(async () => {
  product = await startProduct()
  cli = await testCommandLine({ PORTICO_URL: product.controlUrl })
})
afterAll(async () => {
  cli?.remove()
  await product?.stop()
})

/** What somebody at a terminal sees who types these things when those have appeared. */
async function terminal(steps: [string, string][], args: string[], env: Record<string, string> = {}): Promise<string> {
  const quoted = [JSON.stringify(steps), 'portico', ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const child = cli.startScript(`exec python3 '${DRIVER}' ${quoted}`, { env })
  child.stdin?.end()
  return (await collect(child)).stdout.replaceAll('\r', '')
}

describe.skipIf(missing)(`at a terminal${missing ? ' (skipped: no python3 to make one)' : ''}`, () => {
  test('the key is asked for and not shown', { timeout: 30_000 }, async () => {
    const shown = await terminal([['API key for', `${product.key}X\u007F\r`]], ['login', '--api-key-prompt'])
    expect(shown).toContain('Logged in to')
    expect(shown).toMatch(/exit 0\n$/)
    expect(shown).not.toContain(product.key)
    expect(readFileSync(join(cli.configHome, 'portico', 'config.json'), 'utf8')).toContain(`"${product.key}"`)
  })

  test('Ctrl-C at the question ends it', { timeout: 30_000 }, async () => {
    const cancelled = await terminal([['API key for', 'msk_\u0003']], ['login', '--api-key-prompt', '--profile', 'none'])
    expect(cancelled).toMatch(/Cancelled\.\n\nexit 130\n$/)
  })

  test('what cannot be undone asks for its name', { timeout: 30_000 }, async () => {
    const env = { PORTICO_API_KEY: product.key }
    const { id } = (await cli.json(['projects', 'create', 'Precious'], { env })) as { id: string }
    expect(await terminal([['to go on:', 'yes\r']], ['projects', 'delete', id], env)).toMatch(/Nothing was changed\.\n\nexit 1\n$/)
    expect(await terminal([['to go on:', 'Precious\r']], ['projects', 'delete', id], env)).toMatch(/exit 0\n$/)
  })

  test('Ctrl-C reaches a command under `portico run` once, not twice', { timeout: 30_000 }, async () => {
    const env = { PORTICO_API_KEY: product.key }
    const { id } = (await cli.json(['projects', 'create', 'Counting'], { env })) as { id: string }
    const script = 'let n = 0; process.on("SIGINT", () => { n++; setTimeout(() => { console.log("interrupts: " + n); process.exit(0) }, 500) }); console.log("ready"); setInterval(() => {}, 1000)'
    expect(await terminal([['ready', '\u0003']], ['run', '--project', id, '--', 'node', '-e', script], env)).toMatch(
      /interrupts: 1\n\nexit 0\n$/,
    )
  })
})

test('bash completes with the script it is given', async () => {
  const script = `source <(portico completion bash)
COMP_WORDS=(portico data auth e); COMP_CWORD=3; _portico; echo "\${COMPREPLY[@]}"
COMP_WORDS=(portico env pull --format ""); COMP_CWORD=4; _portico; echo "\${COMPREPLY[@]}"`
  const child = cli.startScript(script)
  child.stdin?.end()
  expect((await collect(child)).stdout).toBe('enable\ndotenv json shell\n')
})
