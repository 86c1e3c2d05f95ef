import { describe, afterAll, beforeAll, expect, test } from 'vitest'
import { startConsole, type TestConsole } from '../../support/console.js'

let stand: TestConsole
beforeAll(async () => {
  stand = await startConsole()
})
afterAll(() => stand?.stop())

const PASSWORD = 'a long enough sentence 7'

describe('the first visit', () => {
  test('without an owner the console says so, and shows nothing', async () => {
    const browser = stand.browser()
    const { body } = await browser.call('GET', 'console/session')
    expect(body.data).toMatchObject({
      mode: 'password',
      signed_in: false,
      setup_required: true,
      user: null,
      role: null,
      permissions: [],
      tenant: null,
    })
    expect((await browser.call('GET', 'projects')).status).toBe(401)
  })

  test('a wrong code makes no owner, and neither does none', async () => {
    for (const code of ['ABCD-EFGH-JKMN-PQRS', 'x', undefined]) {
      const answer = await stand.browser().call('POST', 'console/setup', { code, email: 'eve@example.com', password: PASSWORD })
      expect([answer.status, answer.body.error.code]).toEqual([401, 'invalid_code'])
    }
  })

  test('a password that is refused does not cost the code', async () => {
    const answer = await stand
      .browser()
      .call('POST', 'console/setup', { code: stand.control.setUpCode, email: 'ada@example.com', password: 'short' })
    expect(answer.status).toBe(422)
  })

  test('twenty at once with the printed code make one owner, who is signed in', async () => {
    const code = stand.control.setUpCode!
    // Each from an address of its own: codes are counted by address.
    const browsers = Array.from({ length: 20 }, (_, n) => stand.browser({ 'x-forwarded-for': `198.51.100.${n}` }))
    const answers = await Promise.all(
      browsers.map((browser, n) =>
        browser.call('POST', 'console/setup', {
          code: code.toLowerCase().replaceAll('-', ' '),
          email: `owner${n}@example.com`,
          password: PASSWORD,
          name: 'Ada',
        }),
      ),
    )
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1)
    expect(answers.every(({ status }) => [201, 401, 409].includes(status))).toBe(true)
    const at = answers.findIndex(({ status }) => status === 201)
    expect(answers[at]!.body.data).toMatchObject({
      signed_in: true,
      setup_required: false,
      role: 'owner',
      user: { email: `owner${at}@example.com`, name: 'Ada' },
    })
    const cookie = answers[at]!.headers.get('set-cookie')!
    expect(cookie).toMatch(/^__Host-portico_console=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Lax$/)
    stand.owner = browsers[at]!
    stand.ownerId = answers[at]!.body.data.user.id
    expect((await stand.owner.call('GET', 'members')).body.data).toHaveLength(1)
    expect((await stand.owner.call('GET', 'projects')).status).toBe(200)
  })

  test('after that there is no second set-up, with the code or without', async () => {
    const again = await stand.browser({ 'x-forwarded-for': '198.51.100.77' }).call('POST', 'console/setup', {
      code: stand.control.setUpCode,
      email: 'late@example.com',
      password: PASSWORD,
    })
    expect(again.status).toBe(409)
    expect((await stand.restart()).setUpCode).toBeNull()
  })

  test('codes are guessed ten times a minute from one address, and no more', async () => {
    const guess = () =>
      stand
        .browser({ 'x-forwarded-for': '203.0.113.5' })
        .call('POST', 'console/setup', { code: 'ABCD-EFGH-JKMN-PQRS', email: 'e@example.com', password: PASSWORD })
    const answers = []
    for (let n = 0; n < 11; n++) answers.push((await guess()).status)
    expect(answers.at(-1)).toBe(429)
  })
})

describe('sign-in through the console’s own project', () => {
  test('goes to its sign-in page with PKCE and state, and comes back with a code for a session', async () => {
    const browser = stand.browser()
    const away = await browser.call('GET', 'console/sign-in?next=%2Fconsole%2Fprojects%3Fq%3Da')
    expect(away.status).toBe(302)
    const url = new URL(away.headers.get('location')!)
    expect(url.href).toMatch(/^https:\/\/auth\.example\.test\/proj_[\w-]+\/sign-in\?/)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      code_challenge_method: 'S256',
      redirect_to: `${stand.publicUrl}/api/v1/console/callback`,
    })
    const code = await stand.codeFor(stand.ownerId, url.searchParams.get('code_challenge')!)
    const back = await browser.call('GET', `console/callback?code=${code}&state=${url.searchParams.get('state')}`)
    expect(back.headers.get('location')).toBe('/api/v1/console/arrived?next=%2Fconsole%2Fprojects%3Fq%3Da')
    expect((await browser.call('GET', '/api/v1/console/arrived?next=%2Fconsole%2Fprojects%3Fq%3Da')).headers.get('location')).toBe(
      '/console/projects?q=a',
    )
    expect((await browser.call('GET', 'me')).body.data).toMatchObject({ type: 'user', role: 'owner' })
    // The code and the flow are spent.
    expect((await browser.call('GET', `console/callback?code=${code}&state=${url.searchParams.get('state')}`)).status).toBe(400)
  })

  test.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/console//evil',
    '/consoleevil',
    '/api/v1/projects',
    '/console/../api',
    '/console\\@evil',
  ])('next=%s leads to the console’s home', async (next) => {
    const browser = stand.browser()
    const url = await stand.signInUrl(browser, `?next=${encodeURIComponent(next)}`)
    const code = await stand.codeFor(stand.ownerId, url.searchParams.get('code_challenge')!)
    const back = await browser.call('GET', `console/callback?code=${code}&state=${url.searchParams.get('state')}`)
    expect(back.headers.get('location')).toBe('/api/v1/console/arrived?next=%2Fconsole')
    expect((await browser.call('GET', `console/arrived?next=${encodeURIComponent(next)}`)).headers.get('location')).toBe('/console')
  })

  test('another browser cannot use the code: it began no sign-in', async () => {
    const mine = stand.browser()
    const url = await stand.signInUrl(mine)
    const code = await stand.codeFor(stand.ownerId, url.searchParams.get('code_challenge')!)
    const theirs = await stand.browser().call('GET', `console/callback?code=${code}&state=${url.searchParams.get('state')}`)
    expect([theirs.status, theirs.headers.get('set-cookie')]).toEqual([400, null])
    expect(theirs.text).toContain('This sign-in is over')
  })

  test('somebody who is a member of nothing does not come in', async () => {
    const stranger = await stand.person('stranger@example.com')
    const browser = stand.browser()
    const answer = await stand.signIn(browser, stranger)
    expect([answer.status, answer.text.includes('member of no team')]).toEqual([403, true])
    expect((await browser.call('GET', 'projects')).status).toBe(401)
  })

  test('a browser that drops the cookie sees a page that says so, and is not sent round', async () => {
    const answer = await stand.browser().call('GET', 'console/arrived?next=/console')
    expect([answer.status, answer.text.includes('X-Forwarded-Proto')]).toEqual([400, true])
  })

  test('asked under another name, it sends to the public address once, and then says what is wrong', async () => {
    const other = stand.browser({}, 'console.internal')
    const away = await other.call('GET', 'console/sign-in?next=/console/team')
    expect(away.headers.get('location')).toBe(`${stand.publicUrl}/api/v1/console/sign-in?next=%2Fconsole%2Fteam&moved=true`)
    const again = await other.call('GET', 'console/sign-in?next=/console/team&moved=true')
    expect([again.status, again.text.includes('CONTROL_PLANE_PUBLIC_URL')]).toEqual([421, true])
  })
})

describe('a session', () => {
  test('ends with a sign-out, everywhere, and with it the session of the account', async () => {
    const browser = stand.browser()
    await stand.signIn(browser, stand.ownerId)
    const before = await stand.liveSessions(stand.ownerId)
    expect((await browser.call('POST', 'console/sign-out')).status).toBe(200)
    expect((await browser.call('GET', 'me')).status).toBe(401)
    expect(await stand.liveSessions(stand.ownerId)).toBe(before - 1)
  })

  test.each([
    ['disabled', 'update auth.end_user set disabled_at = now() where id = $1'],
    [
      'signed out elsewhere, or evicted',
      `update auth.session set ended_at = now(), end_reason = 'evicted' where end_user_id = $1 and ended_at is null`,
    ],
    ['deleted', 'delete from auth.end_user where id = $1'],
  ])('of somebody who is %s is over within a second, in every process', async (_name, sql) => {
    const id = await stand.person(`gone-${_name.slice(0, 4)}@example.com`)
    await stand.member(id, 'editor')
    const browser = stand.browser()
    await stand.signIn(browser, id)
    expect((await browser.call('GET', 'projects')).status).toBe(200)
    await stand.sql.query(sql, [id])
    await expect.poll(async () => (await browser.call('GET', 'projects')).status, { timeout: 1_100, interval: 50 }).toBe(401)
  })

  test('of a member who is removed is over at once, and a new role counts at once', async () => {
    const id = await stand.person('changing@example.com')
    await stand.member(id, 'editor')
    const browser = stand.browser()
    await stand.signIn(browser, id)
    expect((await browser.call('POST', 'projects', { name: 'By an editor' })).status).toBe(201)
    expect((await stand.owner.call('PATCH', `members/${id}`, { role: 'viewer' })).body.data.role).toBe('viewer')
    expect((await browser.call('POST', 'projects', { name: 'By a viewer' })).body.error).toMatchObject({
      code: 'insufficient_scope',
      message: 'Your role lacks the permission projects.write.',
    })
    expect((await stand.owner.call('DELETE', `members/${id}`)).status).toBe(200)
    expect((await browser.call('GET', 'projects')).status).toBe(401)
  })

  const table: [string, Record<string, string | null>, number][] = [
    ['from the console', {}, 201],
    ['with Sec-Fetch-Site', { 'sec-fetch-site': 'same-origin' }, 201],
    ['cross-site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['same-site', { origin: 'https://app.example.test', 'sec-fetch-site': 'same-site' }, 403],
    ['the data plane’s origin', { origin: 'https://auth.example.test' }, 403],
    ['without an origin', { origin: null }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    ['http instead of https', { origin: 'http://control.example.test' }, 403],
    ['our origin on another port', { origin: 'https://control.example.test:8443' }, 403],
  ]
  test.each(table)('a change %s', async (_name, headers, status) => {
    expect((await stand.owner.call('POST', 'projects', { name: 'Change' }, headers)).status).toBe(status)
    expect((await stand.browser().call('POST', 'console/sign-out', undefined, headers)).status).toBe(status === 201 ? 200 : 403)
  })

  test('is no key: as a bearer token it is worth nothing, and a key opens no console', async () => {
    const token = stand.owner.cookie('__Host-portico_console')!
    expect((await stand.control.call('GET', 'projects', undefined, { key: token })).status).toBe(401)
    const answer = await stand.browser().call('POST', 'console/token', { token: stand.control.key })
    expect([answer.status, answer.body.error.code]).toEqual([403, 'forbidden'])
  })

  test('under the name that http uses is not read', async () => {
    const token = stand.owner.cookie('__Host-portico_console')!
    expect((await stand.browser().call('GET', 'me', undefined, { cookie: `portico_console=${token}` })).status).toBe(401)
  })
})
