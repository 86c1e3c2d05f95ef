import { randomBytes, createHash, randomUUID } from 'node:crypto'
import { listRoutes } from '@portico/http/route-table'
import { isChanging, type Permission } from '@portico/kernel/permissions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jarAt, startConsole, type ConsoleBrowser, type TestConsole } from '../../support/console.js'
import { makeProject, type TestControlPlane } from '../../support/control-plane.js'

const NAMES = ['Blue Bakery', 'Field Notes', 'Orbit Chess']

let stand: TestConsole
beforeAll(async () => {
  stand = await startConsole({ console: { demo: true } })
  await stand.control.plane.useCases.fillDemo.execute()
})
afterAll(() => stand?.stop())

async function enterDemo(browser: ConsoleBrowser): Promise<ConsoleBrowser> {
  const entered = await browser.call('POST', 'console/demo')
  expect([entered.status, entered.body.data.banner]).toEqual([200, 'demo'])
  return browser
}

async function projectsOf(browser: ConsoleBrowser): Promise<{ id: string; name: string }[]> {
  return (await browser.call('GET', 'projects')).body.data
}

describe('what the demo is filled with', () => {
  test('three projects with people, a week of sign-ins and mails, once, whoever starts at the same time', async () => {
    const { fillDemo } = stand.control.plane.useCases
    await Promise.all([fillDemo.execute(), fillDemo.execute(), fillDemo.execute()])
    const browser = await enterDemo(stand.browser())
    const projects = await projectsOf(browser)
    expect(projects.map(({ name }) => name).toSorted()).toEqual(NAMES)
    for (const { id } of projects) {
      const people = (await browser.call('GET', `projects/${id}/users?limit=100`)).body.data as { last_sign_in_at: string | null }[]
      expect(people).toHaveLength(10)
      expect(people.filter((person) => person.last_sign_in_at !== null)).toHaveLength(8)
      expect((await browser.call('GET', `projects/${id}/audit-log?action=user.invited`)).body.data).toHaveLength(2)
      const starts = (await browser.call('GET', `projects/${id}/audit-log?action=session.started&limit=100`)).body.data as { created_at: string }[]
      expect(new Set(starts.map(({ created_at: at }) => at.slice(0, 10))).size).toBeGreaterThan(5)
    }
  })

  test('stands beside what is real: nobody else’s list has it', async () => {
    expect((await stand.control.call('GET', 'projects')).text).not.toMatch(new RegExp(NAMES.join('|')))
  })
})

describe('a visitor of the demo', () => {
  const modes = [
    ['password', {}],
    ['token', { access: 'token', token: 't'.repeat(32) }],
    ['oidc', {
      access: 'oidc',
      oidc: {
        issuer: 'https://issuer.example.test', clientId: 'console', clientSecret: 'secret', scopes: ['openid'], groupsClaim: 'groups',
        groups: [{ role: 'admin' as const, names: ['admins'] }], fallbackRole: 'viewer' as const,
      },
    }],
  ] as const

  test.each(modes)('comes in with one press in mode `%s`, and is out again with one', async (_mode, config) => {
    const plane: TestControlPlane = await stand.restart(config as never)
    const browser = jarAt(plane.url, stand.publicUrl)
    expect((await browser.call('GET', 'console/session')).body.data).toMatchObject({ demo: true, signed_in: false })
    expect([401, 403]).toContain((await browser.call('GET', 'projects')).status)
    await enterDemo(browser)
    expect((await browser.call('GET', 'console/session')).body.data).toMatchObject({
      signed_in: true, setup_required: false, role: 'viewer', user: null, tenant: { name: 'Demo' }, tenants: [], banner: 'demo',
    })
    expect((await browser.call('GET', 'me')).body.data).toMatchObject({ type: 'open', role: null, user: null, tenant: { name: 'Demo' } })
    expect((await projectsOf(browser)).map(({ name }) => name).toSorted()).toEqual(NAMES)
    await browser.call('POST', 'console/sign-out')
    expect([401, 403]).toContain((await browser.call('GET', 'projects')).status)
  })

  test('sees nothing of another tenant, and can change nothing, on any route', async () => {
    const foreign = await makeProject(stand.control, { enable: true, name: 'Somebody’s own' })
    const browser = await enterDemo(stand.browser())
    const own = (await projectsOf(browser))[0]!.id
    const routes = listRoutes(stand.control.plane.app).filter(({ access }) => typeof access === 'object' && access !== null)
    expect(routes.length).toBeGreaterThan(100)
    for (const { method, path, access } of routes) {
      const { permission } = access as { permission: Permission }
      const at = (projectId: string) => path.replace(':projectId', projectId).replaceAll(/:\w+/g, randomUUID()) +
        // An answer that lasts is cut short.
        (path.endsWith('/stream') ? '?max_seconds=1' : '')
      const mayChange = isChanging(permission) || permission === 'env.read'
      const there = await browser.call(method, at(own))
      if (mayChange) expect([method, path, there.status, there.body.error.code]).toEqual([method, path, 403, 'insufficient_scope'])
      expect([method, path, there.text.includes('Somebody')]).toEqual([method, path, false])
      if (!path.includes(':projectId')) continue
      const elsewhere = await browser.call(method, at(foreign))
      expect([method, path, elsewhere.status]).toEqual([method, path, mayChange ? 403 : 404])
    }
  })

  test('lets no program in, and goes to no other workspace', async () => {
    const browser = await enterDemo(stand.browser())
    const asked = await stand.control.call('POST', 'device/code', { client_name: 'a laptop' }, { key: null })
    const { user_code: userCode, device_code: deviceCode } = asked.body.data
    expect((await browser.call('GET', `device/requests/${userCode}`)).status).toBe(403)
    expect((await browser.call('POST', 'device/approve', { user_code: userCode })).status).toBe(403)
    const polled = await stand.control.call('POST', 'device/token', { device_code: deviceCode }, { key: null })
    expect(polled.body.error.code).toBe('authorization_pending')
    expect((await browser.call('POST', 'console/tenant', { tenant_id: `tnt_${await stand.homeTenantId()}` })).status).toBe(404)
  })

  test('is let in by a page of the console alone, and not while there is no demo, whatever cookie is planted', async () => {
    expect((await stand.browser().call('POST', 'console/demo', undefined, { origin: 'https://elsewhere.example' })).status).toBe(403)
    const browser = await enterDemo(stand.browser())
    const cookie = `__Host-portico_console=${browser.cookie('__Host-portico_console')}`
    const without = await stand.restart({ demo: false })
    const other = jarAt(without.url, stand.publicUrl, { cookie })
    expect((await other.call('GET', 'projects')).status).toBe(401)
    expect((await other.call('POST', 'console/demo')).status).toBe(404)
    expect((await other.call('GET', 'console/session')).body.data).toMatchObject({ demo: false, signed_in: false })
  })

  test('at an open console is no owner until they leave it, and from afar is nobody', async () => {
    const plane = await stand.restart({ access: 'open' })
    const { host } = new URL(plane.url)
    const near = jarAt(plane.url, `http://${host}`)
    expect((await near.call('GET', 'console/session')).body.data).toMatchObject({ banner: 'open', role: 'owner' })
    const entered = await near.call('POST', 'console/demo')
    const cookie = entered.headers.get('set-cookie')!.split(';')[0]!
    const inDemo = jarAt(plane.url, `http://${host}`, { cookie })
    expect((await inDemo.call('GET', 'console/session')).body.data).toMatchObject({ banner: 'demo', role: 'viewer' })
    expect((await inDemo.call('POST', 'projects', { name: 'No' })).status).toBe(403)
    expect((await jarAt(plane.url, stand.publicUrl).call('POST', 'console/demo')).status).toBe(403)
  })

  test('finds the demo’s mails in the inbox, and so does whoever comes through a tunnel; who sits at the machine finds all', async () => {
    const foreign = await makeProject(stand.control, { enable: true, name: 'With mail' })
    const own = (await projectsOf(await enterDemo(stand.browser())))[0]!.id
    for (const [projectId, to] of [[own, 'grace@demo-1.example'], [foreign, 'owner@real.example']] as const)
      await stand.sql.query(
        `insert into auth.dev_mail (project_id, outbox_id, to_address, subject, text, html, created_at) values ($1, $2, $3, 's', 't', 'h', now())`,
        [projectId.replace('proj_', ''), randomUUID(), to],
      )
    const plane = await stand.restart()
    const { host } = new URL(plane.url)
    const near = (headers: Record<string, string> = {}) => jarAt(plane.url, `http://${host}`, headers)
    const seenBy = async (who: ConsoleBrowser) => {
      const { status, body, text } = await who.call('GET', '/dev/inbox.json')
      expect([status, text]).toEqual([200, expect.any(String)])
      return (body.data as { to: string }[]).map(({ to }) => to).filter((to) => /grace@demo-1|owner@/.test(to)).toSorted()
    }
    const cookie = (await near().call('POST', 'console/demo')).headers.get('set-cookie')!.split(';')[0]!
    expect(await seenBy(near({ cookie }))).toEqual(['grace@demo-1.example'])
    expect(await seenBy(near({ 'x-forwarded-for': '203.0.113.9' }))).toEqual(['grace@demo-1.example'])
    expect(await seenBy(near())).toEqual(['grace@demo-1.example', 'owner@real.example'])
  })
})

test('a session that began on our sign-in page is the one that the console goes on with', async () => {
  const id = await stand.person('hosted@example.com')
  await stand.member(id, 'viewer')
  const sessionId = randomUUID()
  await stand.sql.query(
    `insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, amr)
     values ($1, $2, $3, now(), now(), now(), '{pwd,otp,mfa}')`,
    [stand.projectId, sessionId, id],
  )
  const browser = stand.browser()
  const url = await stand.signInUrl(browser)
  const code = randomBytes(32).toString('base64url')
  await stand.sql.query(
    `insert into auth.exchange_code (project_id, digest, end_user_id, purpose, amr, payload, code_challenge, created_at, expires_at)
     values ($1, $2, $3, 'sign_in', '{pwd}', $4, $5, now(), now() + interval '2 minutes')`,
    [
      stand.projectId,
      createHash('sha256').update(code).digest(),
      id,
      JSON.stringify({ session_id: sessionId }),
      url.searchParams.get('code_challenge'),
    ],
  )
  expect((await browser.call('GET', `console/callback?code=${code}&state=${url.searchParams.get('state')}`)).status).toBe(302)
  expect((await browser.call('GET', 'me')).body.data.role).toBe('viewer')
  expect(await stand.liveSessions(id)).toBe(1)
})
