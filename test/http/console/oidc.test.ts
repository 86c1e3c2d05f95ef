import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConsoleOidcConfig } from '@portico/config/console-config'
import { jarAt, startConsole, PUBLIC_URL, type ConsoleBrowser, type TestConsole } from '../../support/console.js'
import { startOidcServer, type OidcServer } from '../../support/oidc-server.js'
import { BrowserClient } from '../../support/browser-client.js'

const CALLBACK = `${PUBLIC_URL}/api/v1/console/callback`
let server: OidcServer
let stand: TestConsole
beforeAll(async () => {
  server = await startOidcServer([CALLBACK])
  const oidc: ConsoleOidcConfig = {
    issuer: server.issuer,
    clientId: server.clientId,
    clientSecret: server.clientSecret,
    scopes: ['openid', 'email', 'profile'],
    groupsClaim: 'groups',
    groups: [
      { role: 'owner', names: ['portico-owners'] },
      { role: 'admin', names: ['portico-admins'] },
      { role: 'editor', names: ['portico-editors', 'developers'] },
    ],
    fallbackRole: 'viewer',
  }
  stand = await startConsole({ console: { access: 'oidc', oidc } })
})
afterAll(async () => {
  await stand?.stop()
  await server?.close()
})

/** To the issuer, through its login page, and back to our callback. */
async function through(browser: ConsoleBrowser): Promise<Awaited<ReturnType<ConsoleBrowser['call']>>> {
  const away = await stand.signInUrl(browser)
  expect(Object.fromEntries(away.searchParams)).toMatchObject({
    code_challenge_method: 'S256',
    response_type: 'code',
    redirect_uri: CALLBACK,
  })
  expect(away.searchParams.get('nonce')).toHaveLength(43)
  const landed = await new BrowserClient().travel(away.href, (url) => url.href.startsWith(CALLBACK))
  return browser.call('GET', `console/callback${landed.search}`)
}

describe('an outside issuer', () => {
  test.each([
    ['owner', ['portico-owners']],
    ['admin', ['x', 'portico-admins', 'developers']],
    ['editor', ['developers']],
    ['viewer', ['unknown']],
    ['viewer', []],
  ])('gives the role %s to the groups %j, for 24 hours', async (role, groups) => {
    const name = `${role}${groups.length}`
    server.account = { sub: `sub-${name}`, email: `${name}@corp.example`, email_verified: true, groups }
    const browser = stand.browser()
    const back = await through(browser)
    expect([back.status, back.text]).toEqual([302, ''])
    expect(back.headers.getSetCookie().find((line) => line.startsWith('__Host-portico_console='))).toContain('Max-Age=86400;')
    expect((await browser.call('GET', 'console/session')).body.data).toMatchObject({
      mode: 'oidc',
      signed_in: true,
      role,
      user: { email: `${name}@corp.example` },
    })
  })

  test('takes a role back at the next sign-in, and the sessions of before lose it at once', async () => {
    server.account = { sub: 'mover', email: 'mover@corp.example', email_verified: true, groups: ['developers'] }
    const first = stand.browser()
    await through(first)
    expect((await first.call('POST', 'projects', { name: 'Mine' })).status).toBe(201)
    server.account = { ...server.account, groups: [] }
    await through(stand.browser())
    expect((await first.call('POST', 'projects', { name: 'No more' })).status).toBe(403)
  })

  test('does not open somebody’s account by an address that it does not vouch for', async () => {
    await stand.makeOwner().catch(() => undefined)
    server.account = { sub: 'thief', email: 'owner@example.com', email_verified: false, groups: [] }
    const browser = stand.browser()
    expect((await through(browser)).status).toBe(403)
    expect((await browser.call('GET', 'me')).status).toBe(401)
  })

  test('an answer with another state, or none of this browser’s, opens nothing', async () => {
    const browser = stand.browser()
    await stand.signInUrl(browser)
    expect((await browser.call('GET', `console/callback?code=x&state=${'A'.repeat(43)}`)).status).toBe(400)
    expect((await browser.call('GET', 'console/callback?code=x')).status).toBe(400)
  })

  test('is not passed by a member with a password, unless they may break the glass', async () => {
    const plain = await stand.person('plain@example.com')
    await stand.member(plain, 'admin')
    const guarded = await stand.person('guarded@example.com')
    await stand.member(guarded, 'owner', { breakGlass: true })
    const page = stand.browser()
    expect((await page.call('GET', 'console/session')).body.data.local_sign_in_url).toBe('/api/v1/console/sign-in?local=true')
    expect((await stand.signIn(page, plain, '?local=true')).status).toBe(403)
    const browser = stand.browser()
    expect((await stand.signIn(browser, guarded, '?local=true')).status).toBe(302)
    expect((await browser.call('GET', 'me')).body.data.role).toBe('owner')
  })

  test('that is down is told on a page, and the glass can still be broken', async () => {
    const oidc = { issuer: 'http://127.0.0.1:9', clientId: 'x', clientSecret: 'y' }
    const down = await stand.restart({
      oidc: { ...oidc, scopes: ['openid'], groupsClaim: 'groups', groups: [{ role: 'admin', names: ['a'] }], fallbackRole: 'viewer' },
    })
    const visitor = jarAt(down.url, PUBLIC_URL)
    const away = await visitor.call('GET', 'console/sign-in')
    expect([away.status, away.text.includes('does not answer'), away.text.includes('local=true')]).toEqual([503, true, true])
    const local = await visitor.call('GET', 'console/sign-in?local=true')
    const url = new URL(local.headers.get('location')!)
    const [row] = await stand.sql.query<{ user_id: string }>('select user_id from platform.member where break_glass limit 1')
    const code = await stand.codeFor(row!.user_id, url.searchParams.get('code_challenge')!)
    await visitor.call('GET', `console/callback?code=${code}&state=${url.searchParams.get('state')}`)
    expect((await visitor.call('GET', 'projects')).status).toBe(200)
  })

  test('LOCAL_LOGIN=off shuts that way', async () => {
    const shut = await stand.restart({ localLogin: false })
    const visitor = jarAt(shut.url, PUBLIC_URL)
    expect((await visitor.call('GET', 'console/session')).body.data.local_sign_in_url).toBeNull()
    expect((await visitor.call('GET', 'console/sign-in?local=true')).status).toBe(403)
  })
})

describe('no lockout', () => {
  test('a console whose issuer names no administrator does not start without an owner who may break the glass', async () => {
    const empty = await startConsole()
    const oidc = {
      issuer: 'http://127.0.0.1:9',
      clientId: 'x',
      clientSecret: 'y',
      scopes: ['openid'],
      groupsClaim: 'groups',
      groups: [],
      fallbackRole: 'viewer' as const,
    }
    await expect(empty.restart({ access: 'oidc', oidc })).rejects.toMatchObject({ code: 'console_lockout' })
    await empty.makeOwner()
    expect((await empty.restart({ access: 'oidc', oidc })).setUpCode).toBeNull()
    await empty.stop()
  })

  test('switching in the console is refused while no owner could sign in, and where the environment decides', async () => {
    const open = await startConsole({ console: { access: null }, config: { publicUrl: 'http://localhost:4000' } })
    const browser = open.browser({}, 'localhost:4000')
    // The test's proxy hop is none here.
    const put = (mode: string) => browser.call('PUT', 'console/access', { mode })
    expect((await put('password')).body.error.code).toBe('console_lockout')
    expect((await put('oidc')).body.error.code).toBe('conflict')
    const set = await browser.call('POST', 'console/setup', { email: 'ada@example.com', password: 'a long enough sentence 7' })
    expect([set.status, set.body.data?.mode, set.body.data?.role]).toEqual([201, 'password', 'owner'])
    expect((await open.browser({}, 'localhost:4000').call('GET', 'projects')).status).toBe(401)
    expect((await browser.call('GET', 'projects')).status).toBe(200)
    await open.stop()
    const said = await startConsole()
    await said.makeOwner()
    expect((await said.owner.call('PUT', 'console/access', { mode: 'open' })).body.error.code).toBe('conflict')
    await said.stop()
  })
})

describe('mode token', () => {
  test('shows counts before the token, and everything after it', async () => {
    const token = 'a-token-of-the-environment-0123456789'
    const own = await startConsole({ console: { access: 'token', token } })
    const visitor = own.browser()
    const before = (await visitor.call('GET', 'console/session')).body.data
    expect(before).toMatchObject({ mode: 'token', signed_in: false, permissions: ['stats.read'], user: null, role: null })
    for (const path of ['projects', 'members', 'api-keys', 'audit-log', 'tenants'])
      expect([path, (await visitor.call('GET', path)).status]).toEqual([path, 403])
    expect((await visitor.call('POST', 'console/token', { token: `${token}x` })).status).toBe(401)
    expect((await own.control.call('GET', 'projects', undefined, { key: token })).status).toBe(200)
    expect((await visitor.call('POST', 'console/token', { token })).body.data).toMatchObject({ signed_in: true, role: 'owner' })
    expect((await visitor.call('POST', 'projects', { name: 'By token' })).status).toBe(201)
    // Another token in the environment ends the sessions of the old one.
    const changed = await own.restart({ token: 'another-token-of-the-environment-0123' })
    const same = jarAt(changed.url, PUBLIC_URL, { cookie: `__Host-portico_console=${visitor.cookie('__Host-portico_console')}` })
    expect((await same.call('GET', 'projects')).status).toBe(403)
    // A key opens the console as far as its scopes go, and as long as it lives.
    const made = (await visitor.call('POST', 'api-keys', { name: 'typed', scopes: ['projects:read', 'users:read'] })).body.data
    const byKey = own.browser()
    expect((await byKey.call('POST', 'console/token', { token: made.key })).body.data).toMatchObject({ signed_in: true, role: null })
    expect((await byKey.call('GET', 'projects')).status).toBe(200)
    expect((await byKey.call('GET', 'api-keys')).status).toBe(403)
    await visitor.call('DELETE', `api-keys/${made.id}`)
    await expect.poll(async () => (await byKey.call('GET', 'projects')).status, { timeout: 1_500 }).toBe(403)
    await own.stop()
  })
})
