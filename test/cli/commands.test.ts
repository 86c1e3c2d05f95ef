import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProduct, type RunningProduct } from '../support/running-product.js'
import { testCommandLine, type TestCommandLine } from './run-portico.js'

let product: RunningProduct
let cli: TestCommandLine

beforeAll(async () => {
  product = await startProduct()
  cli = await testCommandLine({ PORTICO_URL: product.controlUrl })
  expect((await cli.portico(['login', '--api-key-stdin'], { input: `${product.key}\n` })).code).toBe(0)
})
afterAll(async () => {
  cli?.remove()
  await product?.stop()
})

async function project(name = 'Todo'): Promise<string> {
  return ((await cli.json(['projects', 'create', name])) as { id: string }).id
}

const NO_PROJECT = 'proj_00000000-0000-4000-8000-000000000000'

describe('login', () => {
  test('the key is stored for its owner only, and whoami knows it without printing it', async () => {
    const file = join(cli.configHome, 'portico', 'config.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toContain(product.key)
    const who = await cli.portico(['whoami'])
    expect(who.stdout).toContain(product.key.slice(0, 12))
    expect(who.stdout).not.toContain(product.key)
    expect(await cli.json(['whoami'])).toMatchObject({ profile: 'default', url: product.controlUrl, key_source: 'profile' })
  })

  test('a key given as an argument works and is advised against; given twice it is refused', async () => {
    const stored = await cli.portico(['login', '--profile', 'argument', '--api-key', product.key])
    expect(stored.code).toBe(0)
    expect(stored.stderr).toContain('--api-key-stdin')
    expect(stored.stdout + stored.stderr).not.toContain(product.key)
    expect((await cli.portico(['profiles', 'remove', 'argument'])).code).toBe(0)
    expect((await cli.portico(['login', '--api-key', product.key, '--api-key-stdin'], { input: product.key })).code).toBe(1)
  })

  test('a key that the server refuses is not stored', async () => {
    const refused = await cli.portico(['login', '--profile', 'bad', '--api-key-stdin', '--json'], {
      input: 'msk_live_wrongwrongwrongwrongwrongwrong',
    })
    expect(refused.code).toBe(3)
    expect(JSON.parse(refused.stderr)).toEqual({
      error: { code: 'unauthenticated', message: expect.any(String), request_id: expect.any(String) },
    })
    expect((await cli.json(['profiles', 'list'])).map(({ name }: { name: string }) => name)).toEqual(['default'])
  })

  test('a stored key is never sent to another address', async () => {
    const refused = await cli.portico(['projects', 'list', '--url', 'http://127.0.0.1:1', '--json'])
    expect(JSON.parse(refused.stderr).error.code).toBe('key_for_another_url')
    expect(refused.code).toBe(3)
  })

  test('logout forgets it', async () => {
    await cli.portico(['login', '--profile', 'second', '--api-key-stdin'], { input: product.key })
    expect((await cli.portico(['logout', '--profile', 'second'])).code).toBe(0)
    expect((await cli.portico(['projects', 'list', '--profile', 'second'])).code).not.toBe(0)
    expect((await cli.portico(['projects', 'list'])).code).toBe(0)
  })
})

describe('login in the browser', () => {
  test('shows the code, waits for the person, and keeps the key that it is given', async () => {
    let asked = 0
    const server = createServer((request, response) => {
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      }
      const at = 'https://control.example/console/device'
      const uris = { verification_uri: at, verification_uri_complete: `${at}?user_code=BCDF-GHJK` }
      const code = { device_code: 'd', user_code: 'BCDF-GHJK', ...uris, expires_in: 60, interval: 0 }
      if (request.url?.endsWith('/device/code')) return answer(200, { data: code })
      if (!request.url?.endsWith('/device/token')) return answer(200, { data: [], page: { limit: 1, next_cursor: null } })
      asked += 1
      if (asked === 1) return answer(400, { error: { code: 'authorization_pending', message: 'Wait.' } })
      return answer(200, { data: { key: product.key } })
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    // A home of its own: whoever logs in to a profile uses it from then on.
    const env = { XDG_CONFIG_HOME: join(cli.configHome, 'device') }
    const outcome = await cli.portico(['login', '--profile', 'device', '--device', '--no-browser', '--url', url], { env })
    server.close()
    expect([outcome.code, asked, outcome.stdout]).toEqual([0, 2, expect.stringContaining('as profile device')])
    expect(outcome.stderr).toContain('BCDF-GHJK')
  })
})

describe('exit codes and the error shape', () => {
  test.each([
    { args: ['projects', 'show', 'proj_00000000-0000-4000-8000-000000000000'], code: 1, error: 'not_found' },
    { args: ['projects', 'list', '--limit', 'many'], code: 1, error: 'usage' },
    { args: ['no-such-command'], code: 1, error: 'usage' },
    { args: ['env', 'list'], code: 1, error: 'project_required' },
    {
      args: ['projects', 'list'],
      env: { PORTICO_URL: 'http://127.0.0.1:1', PORTICO_API_KEY: 'msk_test_x' },
      code: 2,
      error: 'network_error',
    },
    { args: ['projects', 'list'], env: { PORTICO_API_KEY: 'msk_test_x' }, code: 3, error: 'unauthenticated' },
  ])('$args ends with $code', async ({ args, env, code, error }) => {
    const outcome = await cli.portico([...args, '--json'], env ? { env } : {})
    expect(outcome.stdout).toBe('')
    expect(JSON.parse(outcome.stderr)).toMatchObject({ error: { code: error, message: expect.stringMatching(/./) } })
    expect(JSON.parse(outcome.stderr).error).toHaveProperty('request_id')
    expect(outcome.code).toBe(code)
  })

  test('for people it is a sentence that names the project and the profile, with the request id to quote', async () => {
    const inProject = ['users', 'env'].map((noun) => [noun, 'list', '--project', NO_PROJECT])
    for (const args of [['projects', 'show', NO_PROJECT], ...inProject]) {
      const { stderr } = await cli.portico(args)
      expect(stderr).toMatch(/^Error: No project proj_0{8}-\S+ for profile default at http:\S+\.\n {2}\(not_found, request \S+\)\n$/)
    }
  })
})

describe('projects', () => {
  test('create, list, show, delete', async () => {
    const id = await project('Blue Bakery')
    expect(await cli.json(['projects', 'show', id])).toMatchObject({ id, name: 'Blue Bakery' })
    expect((await cli.json(['projects', 'list', '--search', 'Blue'])).map((row: { id: string }) => row.id)).toContain(id)
    expect((await cli.portico(['projects', 'delete', id, '--json'])).stderr).toContain('confirmation_required')
    await cli.json(['projects', 'delete', id, '--yes'])
    expect((await cli.json(['projects', 'list'])).map((row: { id: string }) => row.id)).not.toContain(id)
  })

  test('lists go over pages as far as they are asked to', async () => {
    for (let number = 0; number < 3; number++) await project(`Page ${number}`)
    const outcome = await cli.portico(['projects', 'list', '--limit', '2', '--json'])
    expect(JSON.parse(outcome.stdout)).toMatchObject({ data: { length: 2 }, page: { limit: 2, more: true } })
  })
})

describe('data auth', () => {
  test('enable, status, update, rotate, disable', async () => {
    const id = await project()
    const enabled = await cli.json(['data', 'auth', 'enable', '--project', id, '--allow-signups', 'yes', '--providers', 'email'])
    expect(enabled).toMatchObject({
      project_id: id,
      enabled: true,
      auth_url: `${product.dataUrl}/${id}`,
      settings: { allow_signups: true, providers: ['email'] },
    })
    expect(JSON.stringify(enabled)).not.toMatch(/[0-9a-f]{64}/)

    const updated = await cli.json([
      'data',
      'auth',
      'update',
      '--project',
      id,
      '--allow-signups',
      'no',
      '--settings',
      '{"password_min_length": 12}',
    ])
    expect(updated.settings).toMatchObject({ allow_signups: false, password_min_length: 12, providers: ['email'] })
    const restored = await cli.json(['data', 'auth', 'update', '--project', id, '--settings', '{"password_min_length": null}'])
    expect(restored.settings.password_min_length).toBe(8)
    expect(
      (
        await cli.portico([
          'data',
          'auth',
          'update',
          '--project',
          id,
          '--allow-signups',
          'no',
          '--settings',
          '{"allow_signups": true}',
          '--json',
        ])
      ).stderr,
    ).toContain('conflicting_options')

    await cli.json(['data', 'auth', 'rotate', '--project', id])
    expect((await cli.portico(['data', 'auth', 'rotate', '--project', id, '--immediate', '--json'])).stderr).toContain(
      'confirmation_required',
    )
    expect((await cli.portico(['data', 'auth', 'status', '--project', id])).stdout).toMatch(/enabled\s+yes/)

    await cli.json(['data', 'auth', 'disable', '--project', id, '--yes'])
    expect(await cli.json(['data', 'auth', 'status', '--project', id])).toMatchObject({ enabled: false })
  })
})

test('data auth providers: set, list, remove; the secret from stdin and never shown', async () => {
  const id = await project()
  await cli.json(['data', 'auth', 'enable', '--project', id])
  const providers = (...args: string[]) => ['data', 'auth', 'providers', ...args, '--project', id]
  const flags = [
    '--client-id',
    'c',
    '--discovery-url',
    'https://idp.example/metadata',
    '--expected-issuer',
    'https://login.example/',
    '--token-endpoint-auth-method',
    'client_secret_post',
    '--id-token-signed-response-alg',
    'HS256',
    '--require-nonce',
    'no',
    '--scopes',
    'openid,email',
  ]
  const set = await cli.json(providers('set', 'oidc:line', ...flags), { input: 'the client secret' })
  expect(set).toMatchObject({
    provider: 'oidc:line',
    client_id: 'c',
    issuer: null,
    discovery_url: 'https://idp.example/metadata',
    expected_issuer: 'https://login.example/',
    scopes: ['openid', 'email'],
    token_endpoint_auth_method: 'client_secret_post',
    id_token_signed_response_alg: 'HS256',
    require_nonce: false,
  })
  expect(JSON.stringify(set)).not.toContain('the client secret')
  expect(await cli.json(providers('set', 'oidc:line', ...flags.slice(0, 6), '--keep-secret'))).toMatchObject({ require_nonce: null })
  const listed = await cli.portico(providers('list'))
  expect(listed.stdout).toMatch(/oidc:line .*\/oauth\/oidc:line\/callback/)
  expect(
    (await cli.portico(providers('set', 'microsoft', '--client-id', 'c', '--tenant', '../x', '--json'), { input: 's' })).stderr,
  ).toContain('tenant')
  expect((await cli.portico(providers('remove', 'oidc:line', '--json'))).stderr).toContain('confirmation_required')
  expect(await cli.json(providers('remove', 'oidc:line', '--yes'))).toMatchObject({ configured: false })
})

describe('env', () => {
  test('pull gives what a boot would get, in three formats', async () => {
    const id = await project()
    await cli.json(['data', 'auth', 'enable', '--project', id])
    const dotenv = (await cli.portico(['env', 'pull', '--project', id])).stdout
    expect(dotenv).toContain(`AUTH_URL=${product.dataUrl}/${id}\n`)
    expect(dotenv).toMatch(/^AUTH_JWT_SECRET=[0-9a-f]{64}$/m)
    expect((await cli.portico(['env', 'pull', '--project', id, '--format', 'shell'])).stdout).toContain(
      `export AUTH_URL='${product.dataUrl}/${id}'\n`,
    )
    expect(JSON.parse((await cli.portico(['env', 'pull', '--project', id, '--format', 'json'])).stdout)).toHaveProperty('AUTH_JWT_SECRET')
  })

  test('a value comes on standard input, and never from an argument by accident', async () => {
    const id = await project()
    expect((await cli.portico(['env', 'set', 'STRIPE_KEY', '--project', id], { input: 'sk_secret\n' })).code).toBe(0)
    expect((await cli.portico(['env', 'pull', '--project', id])).stdout).toContain('STRIPE_KEY=sk_secret\n')
    const refused = await cli.portico(['env', 'set', 'LOG_LEVEL', 'debug', '--project', id, '--json'])
    expect(JSON.parse(refused.stderr).error.code).toBe('value_in_arguments')
    expect((await cli.portico(['env', 'set', 'A=b', '--project', id, '--json'])).stderr).toContain('invalid_name')
    await cli.json(['env', 'set', 'LOG_LEVEL', 'debug', '--value-in-arguments', '--project', id])
    expect((await cli.json(['env', 'list', '--project', id])).map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['LOG_LEVEL', 'STRIPE_KEY']),
    )
    const absent = await cli.portico(['env', 'unset', 'NOPE', '--project', id])
    expect([absent.code, absent.stderr]).toEqual([1, expect.stringContaining('NOPE was not there')])
    expect((await cli.portico(['env', 'unset', 'STRIPE_KEY', 'NOPE', '--project', id])).stderr).toContain('NOPE was not there')
    expect((await cli.portico(['env', 'pull', '--project', id])).stdout).not.toContain('STRIPE_KEY')
  })

  test('bring your own auth sets the pair in one call', async () => {
    const id = await project()
    await cli.json(['data', 'auth', 'enable', '--project', id])
    const one = await cli.portico(['env', 'set', 'AUTH_URL', '--project', id, '--json'], { input: 'https://auth.example' })
    expect(JSON.parse(one.stderr).error.code).toBe('mixed_auth_pair')
    await cli.json(['env', 'set', '--from-dotenv', '--project', id], {
      input: "AUTH_URL=https://auth.example\nAUTH_JWT_SECRET='own secret'\n",
    })
    expect((await cli.portico(['env', 'pull', '--project', id])).stdout).toContain("AUTH_JWT_SECRET='own secret'\n")
    await cli.json(['env', 'unset', 'AUTH_URL', 'AUTH_JWT_SECRET', '--project', id])
    expect((await cli.portico(['env', 'pull', '--project', id])).stdout).toMatch(/^AUTH_JWT_SECRET=[0-9a-f]{64}$/m)
  })
})

const NOBODY = '00000000-0000-4000-8000-000000000000'

describe('users', () => {
  test('somebody who got in is put out; a change of address that waits is shown', async () => {
    const id = await project()
    const { auth_url: authUrl } = await cli.json([
      'data',
      'auth',
      'enable',
      '--project',
      id,
      '--allow-signups',
      'yes',
      '--providers',
      'email',
    ])
    const post = async (path: string, body: object, token?: string) => {
      const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
      const answer = await fetch(`${authUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: answer.status, body: (await answer.json()) as Record<string, string> }
    }
    const password = 'correct horse battery 9!'
    const { body } = await post('/signup', { email: 'eve@example.com', password })
    expect((await cli.portico(['users', 'show', 'eve@example.com', '--project', id])).stdout).not.toContain('moves to')
    expect((await post('/email/change', { email: 'mallory@example.com', password }, body['access_token'])).status).toBe(200)
    expect((await cli.portico(['users', 'show', 'eve@example.com', '--project', id])).stdout).toMatch(/moves to +mallory@example\.com/)
    expect(await cli.json(['users', 'show', 'eve@example.com', '--project', id])).toMatchObject({
      pending_email: { email: 'mallory@example.com' },
    })
    expect(await cli.json(['users', 'identities', 'eve@example.com', '--project', id])).toEqual([])
    expect((await cli.portico(['users', 'identities', 'eve@example.com', '--project', id, '--unlink', 'google'])).code).toBe(1)
    expect(await cli.json(['users', 'evict', 'eve@example.com', '--project', id, '--no-recovery', '--yes'])).toMatchObject({
      id: body['user_id'], removed: { passwords: 1, sessions: 1, email_changes: 1 }, recovery: null,
    })
    expect((await post('/login', { email: 'eve@example.com', password })).status).toBe(401)
    expect(await cli.json(['users', 'show', 'eve@example.com', '--project', id])).not.toHaveProperty('pending_email')
  })

  test('create, show by address, disable, enable, recover, delete', async () => {
    const id = await project()
    await cli.json(['data', 'auth', 'enable', '--project', id])
    const user = await cli.json(['users', 'create', 'ada@example.com', '--project', id, '--email-verified', '--password-stdin'], {
      input: 'correct horse battery 9!\n',
    })
    expect(user).toMatchObject({ email: 'ada@example.com', email_verified: true, disabled: false })
    expect(
      (await fetch(`${product.dataUrl}/${id}/login`, jsonPost({ email: 'ada@example.com', password: 'correct horse battery 9!' }))).status,
    ).toBe(200)
    expect((await cli.json(['users', 'show', 'Ada@Example.com', '--project', id])).id).toBe(user.id)
    expect((await cli.json(['users', 'list', '--project', id, '--search', 'ada'])).length).toBe(1)
    const found = ['--domain', 'example.com', '--provider', 'password', '--state', 'confirmed', '--sort=-email']
    expect((await cli.json(['users', 'list', '--project', id, ...found]))[0].id).toBe(user.id)
    const plan = await cli.json(['users', 'update', 'ada@example.com', '--project', id, '--app-metadata', '{"plan":"pro"}'])
    expect(plan).toMatchObject({ app_metadata: { plan: 'pro' }, metadata: {} })
    expect((await cli.portico(['users', 'update', 'ada@example.com', '--project', id])).code).toBe(1)
    expect(await cli.json(['users', 'sessions', 'ada@example.com', '--project', id])).toMatchObject([{ device: { browser: 'node' } }])
    expect(await cli.json(['users', 'sessions', 'ada@example.com', '--project', id, '--end', 'all'])).toMatchObject({ sessions_ended: 1 })
    expect((await cli.portico(['users', 'passkeys', 'ada@example.com', '--project', id])).stdout).toBe('ada@example.com has no passkey.\n')
    expect((await cli.portico(['users', 'list', '--project', id, '--state', 'happy'])).code).toBe(1)
    expect((await cli.portico(['users', 'export', '--project', id, '--format', 'csv'])).stdout).toContain(`${user.id},ada@example.com,true`)
    const bulk = await cli.portico(['users', 'bulk', 'end_sessions', 'ada@example.com', NOBODY, '--project', id])
    expect(bulk.stdout).toMatch(/ada@example\.com +yes\n00000000-\S+ +no: /)
    expect([bulk.code, bulk.stderr]).toEqual([1, expect.stringContaining('1 of 2 failed')])
    expect(await cli.json(['users', 'disable', 'ada@example.com', '--project', id])).toMatchObject({ disabled: true })
    expect(await cli.json(['users', 'enable', user.id, '--project', id])).toMatchObject({ disabled: false })
    await cli.json(['users', 'recover', 'ada@example.com', '--project', id])
    expect(await cli.json(['users', 'reset-factors', 'ada@example.com', '--project', id, '--yes'])).toMatchObject({
      id: user.id,
      factors_removed: 0,
    })
    const invited = await cli.json(['users', 'invite', 'grace@example.com', '--project', id, '--metadata', '{"plan":"pro"}'])
    expect(invited).toMatchObject({ email: 'grace@example.com', email_verified: false, metadata: { plan: 'pro' } })
    await cli.json(['users', 'delete', invited.id, '--project', id, '--yes'])
    expect((await cli.portico(['users', 'show', 'ad@example.com', '--project', id])).code).toBe(1)
    await cli.json(['users', 'delete', 'ada@example.com', '--project', id, '--yes'])
    expect(await cli.json(['users', 'list', '--project', id])).toEqual([])
  })
})

describe('keys', () => {
  test('a new key works at once, within its scopes, and not after its end', async () => {
    const made = await cli.json(['keys', 'create', 'ci', '--scope', 'projects:read', '--expires-in-days', '30'])
    const env = { PORTICO_API_KEY: made.key as string }
    expect((await cli.portico(['projects', 'list'], { env })).code).toBe(0)
    const beyond = await cli.portico(['projects', 'create', 'X', '--json'], { env })
    expect([beyond.code, JSON.parse(beyond.stderr).error.code]).toEqual([3, 'insufficient_scope'])
    const listed = (await cli.portico(['keys', 'list'])).stdout
    expect(listed).toContain(made.prefix)
    expect(listed).not.toContain(made.key)
    await cli.json(['keys', 'revoke', made.id, '--yes'])
    await expect.poll(async () => (await cli.portico(['projects', 'list'], { env })).code, { timeout: 10_000 }).toBe(3)
  })
})

describe('audit tail', () => {
  test('the latest entries come last, one per line', async () => {
    const id = await project()
    await cli.json(['data', 'auth', 'enable', '--project', id])
    const { stdout, code } = await cli.portico(['audit', 'tail', '--project', id, '--json'])
    expect(code).toBe(0)
    const rows = stdout.trim().split('\n').map((line) => JSON.parse(line) as { action: string; project_id: string; created_at: string })
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.every((row) => row.project_id === id)).toBe(true)
    expect(rows.map((row) => row.created_at)).toEqual(rows.map((row) => row.created_at).toSorted())
  })

  test('--follow prints what happens next, once', { timeout: 30_000 }, async () => {
    const id = await project()
    await cli.json(['data', 'auth', 'enable', '--project', id])
    const child = cli.start(['audit', 'tail', '--project', id, '--follow', '--interval', '1', '--json'])
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    try {
      await expect.poll(() => text, { timeout: 10_000 }).not.toBe('')
      await cli.json(['data', 'auth', 'disable', '--project', id, '--yes'])
      await expect.poll(() => text, { timeout: 10_000 }).toContain('disable')
    } finally {
      child.kill('SIGTERM')
    }
    const ids = text.trim().split('\n').map((line) => (JSON.parse(line) as { id: string }).id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('an audit log that is checked offline', () => {
  test('export, keys, verify, and the receipt of an erasure; an export that fails leaves the last one', async () => {
    const [log, keys, receipt] = (['log', 'keys', 'receipt'] as const).map((name) => join(cli.configHome, name)) as [string, string, string]
    const id = await project()
    await cli.json(['data', 'auth', 'enable', '--project', id])
    await cli.json(['users', 'create', 'ada@example.com', '--project', id])
    writeFileSync(receipt, (await cli.portico(['users', 'erase', 'ada@example.com', '--project', id, '--yes', '--json'])).stdout)
    writeFileSync(keys, (await cli.portico(['audit', 'keys'])).stdout)
    expect((await cli.portico(['users', 'verify-erasure', receipt, '--keys', keys])).code).toBe(0)

    // Rows are chained a moment after their commit.
    await expect
      .poll(async () => {
        expect((await cli.portico(['audit', 'export', log, '--project', id])).code).toBe(0)
        return readFileSync(log, 'utf8')
      })
      .toContain('user.erased')
    expect(await cli.portico(['audit', 'verify', log, '--keys', keys])).toMatchObject({ code: 0 })
    const exported = readFileSync(log, 'utf8')

    expect((await cli.portico(['audit', 'export', log, '--project', NO_PROJECT])).code).not.toBe(0)
    expect(readFileSync(log, 'utf8')).toBe(exported)
    writeFileSync(log, exported.replace('user.erased', 'user.signed_up'))
    expect((await cli.portico(['audit', 'verify', log, '--keys', keys])).code).toBe(1)
  })

  test('how long it is kept, and where it is streamed to', async () => {
    expect(await cli.json(['audit', 'retention', '--days', '365', '--yes'])).toEqual({ days: 365 })
    expect(await cli.json(['audit', 'retention', '--forever'])).toEqual({ days: null })
    expect((await cli.portico(['audit', 'stream', 'show'])).stdout).toContain('streamed nowhere')
    const set = await cli.json(['audit', 'stream', 'set', '--kind', 'https', '--address', 'https://siem.example/portico'])
    expect(set).toMatchObject({ kind: 'https', secret: expect.stringMatching(/^whsec_/) })
    expect((await cli.portico(['audit', 'stream', 'off', '--yes'])).code).toBe(0)
  })
})

describe('help and completion', () => {
  test('every command tells its options', async () => {
    const { stdout } = await cli.portico(['data', 'auth', 'enable', '--help'])
    expect(stdout).toContain('$ portico data auth enable --project proj_…')
    expect((await cli.portico(['data'])).code).toBe(1)
  })

  test.each(['bash', 'zsh', 'fish'])('%s gets a script', async (shell) => {
    expect((await cli.portico(['completion', shell])).stdout).toContain('__complete')
  })
})

function jsonPost(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
