import { randomBytes, createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startConsole, type TestConsole } from '../../support/console.js'

let stand: TestConsole
beforeAll(async () => {
  stand = await startConsole({ console: { demo: true } })
})
afterAll(() => stand?.stop())

test('the demo fills three projects with people, events and mails, once', async () => {
  await stand.control.plane.useCases.fillDemo.execute()
  await stand.control.plane.useCases.fillDemo.execute()
  const projects = (await stand.control.call('GET', 'projects')).body.data as { id: string; name: string }[]
  expect(projects.map(({ name }) => name).toSorted()).toEqual(['Blue Bakery', 'Field Notes', 'Orbit Chess'])
  for (const { id } of projects) {
    expect((await stand.control.call('GET', `projects/${id}/users?limit=100`)).body.data).toHaveLength(10)
    expect((await stand.control.call('GET', `projects/${id}/audit-log?action=user.invited`)).body.data).toHaveLength(2)
  }
  expect((await stand.browser().call('GET', 'console/session')).body.data.demo).toBe(true)
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
