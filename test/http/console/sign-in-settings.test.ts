import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTenant } from '../../support/control-plane.js'
import { startConsole, type TestConsole } from '../../support/console.js'

let stand: TestConsole
beforeAll(async () => {
  stand = await startConsole()
  await stand.makeOwner()
})
afterAll(() => stand?.stop())

const change = (body: object, query = '') => stand.owner.call('PATCH', `console/sign-in-settings${query}`, body)

describe('how the people of the console sign in', () => {
  test('an owner turns second factors on, and the sign-in page asks for them', async () => {
    const { data } = (await stand.owner.call('GET', 'console/sign-in-settings')).body
    expect(data.settings).toMatchObject({ mfa: 'optional', allow_signups: false, providers: ['email', 'magic_link', 'passkey'] })
    expect(data.fixed).toEqual(['allow_signups', 'redirect_urls', 'rp_id', 'site_url'])
    const preview = await change({ mfa: 'required' }, '?dry_run=true')
    expect([preview.status, preview.body.data.dry_run, preview.body.data.changes[0].setting]).toEqual([200, true, 'mfa'])
    expect((await change({ mfa: 'required', password_min_length: 14 })).body.data.settings).toMatchObject({ mfa: 'required' })
    const text = `select settings from auth.service where project_id = $1`
    expect((await stand.sql.query<{ settings: object }>(text, [stand.projectId]))[0]!.settings).toMatchObject({ mfa: 'required' })
    const audit = (await stand.owner.call('GET', 'audit-log?action=console.sign_in_changed')).body.data
    expect(audit[0]).toMatchObject({ actor_id: stand.ownerId, metadata: { settings: ['mfa', 'password_min_length'] } })
    // What an owner chose stays over a start.
    await stand.restart()
    expect((await stand.owner.call('GET', 'console/sign-in-settings')).body.data.settings.mfa).toBe('required')
    await change({ mfa: null })
  })

  test.each(['site_url', 'redirect_urls', 'rp_id', 'allow_signups'])('%s follows from the configuration', async (name) => {
    const answer = await change({ [name]: null })
    expect([answer.status, answer.body.error.details[0]]).toEqual([422, expect.objectContaining({ field: name, code: 'fixed' })])
  })

  test('never so that no owner could come in, whatever is forced', async () => {
    for (const body of [{ providers: ['passkey'] }, { providers: ['passkey'], force: true }]) {
      expect((await change(body, '?dry_run=true')).body.data.refused.code).toBe('console_lockout')
      expect((await change(body)).body.error.code).toBe('console_lockout')
    }
    expect((await stand.owner.call('GET', 'console/sign-in-settings')).body.data.settings.providers).toContain('email')
    expect((await change({ providers: ['email', 'passkey'] })).status).toBe(200)
  })

  test('an admin does not, and neither does the owner of another tenant or their key', async () => {
    const admin = await stand.person('admin@example.com')
    await stand.member(admin, 'admin')
    const browser = stand.browser()
    await stand.signIn(browser, admin)
    expect((await browser.call('PATCH', 'console/sign-in-settings', { mfa: 'off' })).status).toBe(403)
    const key = await makeTenant(stand.control)
    expect((await stand.control.call('GET', 'console/sign-in-settings', undefined, { key })).status).toBe(403)
    expect((await stand.owner.call('GET', `projects/proj_${stand.projectId}/auth`)).status).toBe(404)
  })

  test.each([{ mfa: 'sometimes' }, { nickname: 1 }, { force: 'yes' }])('%j is refused', async (body) => {
    expect((await change(body)).status).toBe(422)
  })
})
