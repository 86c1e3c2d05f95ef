import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { withAdmin } from '../support/admin-client.js'
import { freePort } from '../support/redis-server.js'
import { type RunningProduct, startProduct } from '../support/running-product.js'
import { ROOT, run } from './built-sdks.js'
import { projectWithTarballs } from './packed-packages.js'

interface Fence {
  heading: string
  language: string
  code: string
}

async function fencesOf(name: string): Promise<Fence[]> {
  const fences: Fence[] = []
  let heading = ''
  const text = await readFile(join(ROOT, 'libs', name, 'README.md'), 'utf8')
  for (const [, title, language = '', code = ''] of text.matchAll(/^#+ (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title
    else fences.push({ heading, language, code })
  }
  return fences
}

// Express is no part of this repository: its shape, on Node's own server.
const EXPRESS_SHAPE = `
import { createServer } from 'node:http'
export default () => {
  const layers = []
  return {
    use: (path, handler) => layers.push({ path, handler }),
    get: (path, handler) => layers.push({ path, handler }),
    listen: (port) => createServer((request, raw) => {
      const response = { status: (code) => ((raw.statusCode = code), response), set: (headers) => (Object.entries(headers).forEach(([k, v]) => raw.setHeader(k, v)), response), json: (body) => raw.end(JSON.stringify(body)) }
      const rest = layers.filter(({ path }) => request.url.startsWith(path))
      const next = (error) => error ? raw.writeHead(500).end(String(error)) : rest.shift()?.handler(request, response, next)
      next()
    }).listen(port, '127.0.0.1'),
  }
}`

describe('what the READMEs say, with the packages installed from their tarballs', async () => {
  const [platform, app] = [await fencesOf('sdk-js'), await fencesOf('sdk-app')]
  const importing = (source: string) => app.find((fence) => fence.code.includes(`from '${source}'`))?.code ?? ''
  let folder: string
  let product: RunningProduct
  let env: Record<string, string>
  let files = 0

  beforeAll(async () => {
    folder = await projectWithTarballs(['@portico/sdk', '@portico/auth'], ['fastify', 'hono', 'pg'])
    await mkdir(join(folder, 'node_modules/express'))
    await writeFile(join(folder, 'node_modules/express/package.json'), '{ "type": "module", "exports": "./express.js" }')
    await writeFile(join(folder, 'node_modules/express/express.js'), EXPRESS_SHAPE)
    product = await startProduct()
    const call = async (path: string, body: object) => (await product.control.call('POST', path, body)).body.data
    const project = await call('projects', { name: 'README' })
    await call(`projects/${project.id}/auth`, {})
    const { env: injected } = await call(`projects/${project.id}/instances`, {})
    const signedUp = await fetch(`${injected.AUTH_URL}/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'reader@example.com', password: 'correct horse battery 9!' }),
    })
    const { access_token: token } = (await signedUp.json()) as { access_token: string }
    env = { PORTICO_API_KEY: product.key, PORTICO_URL: product.controlUrl, ...injected, ACCESS_TOKEN: token }
  })
  afterAll(async () => {
    await product.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function save(code: string): Promise<string> {
    const file = join(folder, `snippet-${files++}.mjs`)
    await writeFile(file, code)
    return file
  }

  const execute = async (code: string, more: Record<string, string> = {}) =>
    run(process.execPath, [await save(code)], { cwd: folder, env: { ...env, ...more } })

  test.each(platform.filter((fence) => fence.language === 'js').map((fence) => [fence.heading, fence.code]))(
    '@portico/sdk, %s',
    async (_heading, code) => {
      const { code: exit, output } = await execute(code)
      expect(exit, output).toBe(0)
      if (code.includes('isPorticoError')) expect(output).toMatch(/^validation_error 422 \S+\nname /)
    },
  )

  test('signing in', async () => {
    const { code, output } = await execute(app.find((fence) => fence.heading === 'Sign people in' && fence.language === 'js')?.code ?? '')
    expect(code, output).toBe(0)
    expect(output).toMatch(/^INITIAL_SESSION undefined\nSIGNED_IN ada/)
    expect(output.trimEnd()).toMatch(/SIGNED_OUT undefined$/)
  })

  test('calling one’s own server', async () => {
    let seen = ''
    const server = createServer((request, response) => {
      seen = request.headers.authorization ?? ''
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { code, output } = await execute(app.find((fence) => fence.heading === 'Call your own server')?.code ?? '', {
      APP_ORIGIN: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    })
    server.close()
    expect(code, output).toBe(0)
    expect(seen).toMatch(/^Bearer ey/)
  })

  test('calling Portico for a client: the audit log has the client’s address', async () => {
    const { key } = (await product.control.call('POST', 'api-keys', { name: 'Clients', scopes: ['clients:forward'] })).body.data
    const { code, output } = await execute(app.find((fence) => fence.heading === 'Call Portico from your server')?.code ?? '', {
      PORTICO_CLIENTS_KEY: key,
    })
    expect(code, output).toBe(0)
    const { data } = (await product.control.call('GET', 'audit-log?action=user.signed_up')).body
    expect(data.map((row: { ip: string | null }) => row.ip)).toContain('203.0.113.7')
  })

  test('checking a token', async () => {
    expect((await execute(importing('@portico/auth/server'))).output).toMatch(/^[0-9a-f-]{36} reader@example\.com\n$/)
    expect((await execute(importing('@portico/auth/server'), { ACCESS_TOKEN: 'x.y.z' })).output).toMatch(/^invalid_token /)
  })

  test.each(['express', 'fastify'])('%s', async (framework) => {
    const port = await freePort()
    const file = await save(importing(`@portico/auth/${framework}`))
    const child = spawn(process.execPath, [file], {
      cwd: folder,
      env: { ...env, PATH: process.env['PATH'] ?? '', PORT: String(port) },
      stdio: 'inherit',
    })
    try {
      const url = `http://127.0.0.1:${port}/api/me`
      await expect.poll(() => fetch(url).then((response) => response.status, () => 0), { timeout: 10_000 }).toBe(401)
      const response = await fetch(url, { headers: { authorization: `Bearer ${env['ACCESS_TOKEN']}` } })
      expect(await response.json()).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    } finally {
      child.kill()
    }
  })

  test.each([
    ['hono', `import app from 'SNIPPET'; const ask = (init) => app.request('/api/me', init)`],
    ['next', `import { GET } from 'SNIPPET'; const ask = (init) => GET(new Request('http://app.example/api/me', init), {})`],
  ])('%s', async (framework, ask) => {
    const file = await save(importing(`@portico/auth/${framework}`))
    const program = `${ask.replace('SNIPPET', file)}
      const good = await ask({ headers: { authorization: 'Bearer ' + process.env.ACCESS_TOKEN } })
      console.log((await ask()).status, good.status, Object.keys(await good.json()).join())`
    expect(await execute(program)).toEqual({ code: 0, output: '401 200 id\n' })
  })

  test('row-level security in the app’s own database', async () => {
    const name = `portico_test_readme_${randomBytes(4).toString('hex')}`
    const { adminUrl } = inject('servers')
    const url = new URL(adminUrl)
    url.pathname = `/${name}`
    await withAdmin(adminUrl, (client) => client.query(`create database ${name}`))
    try {
      await withAdmin(url.href, async (client) => {
        await client.query(await readFile(join(ROOT, 'libs/sdk-app/rls.sql'), 'utf8'))
        await client.query(app.find((fence) => fence.language === 'sql')?.code ?? '')
        await client.query(`create role ${name} login password 'app'; grant select, insert on todo to ${name}`)
      })
      url.username = name
      url.password = 'app'
      expect(await execute(importing('@portico/auth/postgres'), { DATABASE_URL: url.href })).toEqual({ code: 0, output: '1\n' })
    } finally {
      await withAdmin(adminUrl, async (client) => {
        await client.query(`drop database ${name} with (force)`)
        await client.query(`drop role if exists ${name}`)
      })
    }
  })

  test('no snippet was left out', () => {
    expect(platform.every((fence) => fence.language === 'js')).toBe(true)
    // Five of them are for pages: browser-ways-in.test.ts runs those in a browser.
    expect(app.filter((fence) => fence.language === 'js')).toHaveLength(14)
  })
})
