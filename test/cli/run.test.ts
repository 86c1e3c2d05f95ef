import { createServer, type AddressInfo } from 'node:net'
import { constants } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProduct, type RunningProduct } from '../support/running-product.js'
import { collect, testCommandLine, type TestCommandLine } from './run-portico.js'

let product: RunningProduct
let cli: TestCommandLine
let project: string

beforeAll(async () => {
  product = await startProduct()
  cli = await testCommandLine({ PORTICO_URL: product.controlUrl, PORTICO_API_KEY: product.key })
  project = ((await cli.json(['projects', 'create', 'Todo'])) as { id: string }).id
  await cli.json(['data', 'auth', 'enable', '--project', project])
})
afterAll(async () => {
  cli?.remove()
  await product?.stop()
})

interface Instance {
  id: string
  name: string
  live: boolean
  last_seen_at: string
}

const instances = async () => (await cli.json(['instances', 'list', '--project', project])) as Instance[]
const node = (script: string) => [process.execPath, '-e', script]
const run = (command: string[], options: string[] = []) => ['run', '--project', project, ...options, '--', ...command]

describe('the environment', () => {
  test('the command gets what the project has, on top of ours, and no key of the platform', async () => {
    const { stdout, stderr, code } = await cli.portico(run(node('console.log(JSON.stringify(process.env))')), {
      env: { MINE: 'kept', AUTH_URL: 'http://mine.example' },
    })
    const env = JSON.parse(stdout) as Record<string, string>
    expect(code).toBe(0)
    expect(env['AUTH_URL']).toBe(`${product.dataUrl}/${project}`)
    expect(env['AUTH_JWT_SECRET']).toMatch(/^[0-9a-f]{64}$/)
    expect(env['AUTH_JWT_SECRET_NEXT']).toMatch(/^[0-9a-f]{64}$/)
    expect(env['MINE']).toBe('kept')
    expect(env).not.toHaveProperty('PORTICO_API_KEY')
    // Only names are told.
    expect(stderr).toMatch(/instance inst_\S+, environment \d+: .*AUTH_JWT_SECRET/)
    expect(stderr).not.toContain(env['AUTH_JWT_SECRET'])
  })

  test('standard input and output are the command’s own, and its options are not ours', async () => {
    const { stdout } = await cli.portico(
      run(node('process.stdin.pipe(process.stdout); console.log(process.argv.slice(1).join())').concat('--', '--json', '--help')),
      { input: 'through' },
    )
    expect(stdout).toContain('--json,--help')
    expect(stdout).toContain('through')
  })
})

describe('what the command reads', () => {
  const readsOf = async (name: string, options: string[] = [], env: Record<string, string> = {}) => {
    expect((await cli.portico(run(node('process.exit(0)'), ['--name', name, ...options]), { env })).code).toBe(0)
    return ((await instances()).find((instance) => instance.name === name) as unknown as { reads: string[] }).reads
  }

  test('is one variable unless it is said', async () => {
    expect(await readsOf('silent')).toEqual(['AUTH_JWT_SECRET'])
    expect(await readsOf('list', ['--reads', 'AUTH_JWT_SECRET,AUTH_JWT_SECRET_NEXT'])).toEqual(['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT'])
    expect(await readsOf('repeated', ['--reads', 'AUTH_JWT_SECRET', '--reads', 'AUTH_JWKS_URL'])).toEqual([
      'AUTH_JWT_SECRET',
      'AUTH_JWKS_URL',
    ])
    expect(await readsOf('from env', [], { PORTICO_READS: 'AUTH_JWT_SECRET, AUTH_JWT_SECRET_NEXT' })).toEqual([
      'AUTH_JWT_SECRET',
      'AUTH_JWT_SECRET_NEXT',
    ])
  })
})

describe('the end', () => {
  test('the exit code is the command’s', async () => {
    expect((await cli.portico(run(node('process.exit(42)')))).code).toBe(42)
  })

  test('death by a signal is 128 and its number', async () => {
    expect((await cli.portico(run(node('process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 9000)')))).code).toBe(
      128 + constants.signals.SIGKILL,
    )
  })

  test('no such command is 127, and leaves no live instance', async () => {
    const { code, stderr } = await cli.portico(run(['no-such-command-anywhere'], ['--name', 'missing', '--json']))
    expect(code).toBe(127)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'command_not_found' } })
    expect((await instances()).find(({ name }) => name === 'missing')).not.toMatchObject({ live: true })
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s reaches the command, which may take its time', async (signal) => {
    const script = `process.on('${signal}', () => setTimeout(() => { console.log('bye'); process.exit(7) }, 300)); console.log('up'); setInterval(() => {}, 1000)`
    const child = cli.start(run(node(script), ['--name', signal]))
    const outcome = collect(child)
    await new Promise<void>((done) => child.stdout?.on('data', (text: string) => text.includes('up') && done()))
    expect((await instances()).find(({ name }) => name === signal)).toMatchObject({ live: true })
    child.kill(signal)
    expect(await outcome).toMatchObject({ code: 7, stdout: 'up\nbye\n' })
    expect((await instances()).find(({ name }) => name === signal)).toMatchObject({ live: false })
  })
})

describe('while it runs', () => {
  test('heartbeats arrive, and a newer environment is told about but not forced on it', { timeout: 30_000 }, async () => {
    const child = cli.start(run(node('console.log("up"); setInterval(() => {}, 1000)'), ['--name', 'beating', '--heartbeat-seconds', '1']))
    let stderr = ''
    child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()))
    const ended = new Promise((done) => child.once('exit', done))
    await new Promise<void>((done) => child.stdout?.once('data', () => done()))
    const first = (await instances()).find(({ name }) => name === 'beating')
    await expect
      .poll(async () => (await instances()).find(({ name }) => name === 'beating')?.last_seen_at, { timeout: 8000 })
      .not.toBe(first?.last_seen_at)
    await cli.json(['env', 'set', 'LOG_LEVEL', 'debug', '--value-in-arguments', '--project', project])
    await expect.poll(() => stderr, { timeout: 8000 }).toContain('newer environment')
    child.kill('SIGTERM')
    await ended
  })
})

test('a signal while the instance is being booted ends it, and starts nothing', async () => {
  const silent = createServer()
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
  try {
    const connected = new Promise((done) => silent.once('connection', done))
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const child = cli.start(run(['echo', 'started']), { env: { PORTICO_URL: url } })
    const outcome = collect(child)
    await connected
    child.kill('SIGTERM')
    expect(await outcome).toMatchObject({ code: 128 + constants.signals.SIGTERM, stdout: '' })
  } finally {
    silent.close()
  }
})

test('nothing is started when the instance cannot be booted', async () => {
  const { code, stdout } = await cli.portico(['run', '--project', project, '--', 'echo', 'started'], {
    env: { PORTICO_API_KEY: 'msk_test_wrong' },
  })
  expect([code, stdout]).toEqual([3, ''])
})
