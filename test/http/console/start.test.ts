import { describe, expect, test } from 'vitest'
import { jarAt, startConsole, PUBLIC_URL } from '../../support/console.js'

const OIDC = {
  issuer: 'http://127.0.0.1:9',
  clientId: 'x',
  clientSecret: 'y',
  scopes: ['openid'],
  groupsClaim: 'groups',
  groups: [],
  fallbackRole: 'viewer' as const,
}
const members = `select m.role, m.break_glass, u.email from platform.member m join auth.end_user u on u.id = m.user_id order by u.email`

describe('PORTICO_INITIAL_OWNER_EMAIL', () => {
  test('is invited as owner while there is none, once, and never takes anything from anybody', async () => {
    const stand = await startConsole({ console: { initialOwnerEmail: 'Ada@example.com' }, config: { emailConfigured: true } })
    const ada = { role: 'owner', break_glass: true, email: 'ada@example.com' }
    expect(await stand.sql.query(members)).toEqual([ada])
    // Nobody else can be the first owner meanwhile.
    expect(stand.control.setUpCode).toBeNull()
    const mails = `select count(*)::integer as n from auth.outbox where project_id = $1 and kind = 'invitation'`
    expect(await stand.sql.query(mails, [stand.projectId])).toEqual([{ n: 1 }])
    await stand.restart({ initialOwnerEmail: 'ada@example.com' })
    await stand.restart({ initialOwnerEmail: 'mallory@example.com' })
    expect(await stand.sql.query(members)).toEqual([ada])
    expect(await stand.sql.query(mails, [stand.projectId])).toEqual([{ n: 1 }])
    await stand.stop()
  })

  test('twenty starts at once invite one', async () => {
    const stand = await startConsole()
    await Promise.all(Array.from({ length: 5 }, () => stand.restart({ initialOwnerEmail: 'ada@example.com' })))
    expect(await stand.sql.query(members)).toHaveLength(1)
    await stand.stop()
  })

  test('whoever has an account keeps its password', async () => {
    const stand = await startConsole()
    const id = await stand.person('ada@example.com')
    await stand.restart({ initialOwnerEmail: 'ada@example.com' })
    expect(await stand.sql.query('select password_hash from auth.end_user where id = $1', [id])).toEqual([{ password_hash: 'x' }])
    expect(await stand.sql.query(members)).toEqual([{ role: 'owner', break_glass: true, email: 'ada@example.com' }])
    await stand.stop()
  })
})

describe('no mode locks everybody out', () => {
  test('a start in mode password is refused while the owners have no way in of ours, and says so', async () => {
    const stand = await startConsole({ console: { access: 'oidc', oidc: { ...OIDC, groups: [{ role: 'owner', names: ['o'] }] } } })
    // Somebody whom the issuer sent: no password, no proven address, no passkey.
    const id = await stand.person('ada@corp.example')
    await stand.sql.query(
      'update auth.end_user set password_hash = null, email_verified_at = null, last_sign_in_at = now() where id = $1',
      [id],
    )
    await stand.member(id, 'owner')
    await expect(stand.restart({ access: 'password' })).rejects.toMatchObject({ code: 'console_lockout' })
    await stand.sql.query(`update auth.end_user set password_hash = 'x' where id = $1`, [id])
    const up = await stand.restart({ access: 'password' })
    expect((await jarAt(up.url, PUBLIC_URL).call('GET', 'console/session')).body.data).toMatchObject({ mode: 'password' })
    await stand.stop()
  })

  test('an owner who was invited and has not come yet is no lockout', async () => {
    const stand = await startConsole({ console: { initialOwnerEmail: 'ada@example.com' }, config: { emailConfigured: true } })
    expect((await stand.restart({ initialOwnerEmail: 'ada@example.com' })).setUpCode).toBeNull()
    await stand.stop()
  })
})

describe('mode token', () => {
  test('without the token the counts of the home page are there, by their permission, and nothing else', async () => {
    const stand = await startConsole({ console: { access: 'token', token: 'a-token-of-the-environment-0123456789' } })
    const project = (await stand.control.call('POST', 'projects', { name: 'Counted' })).body.data.id
    const visitor = stand.browser()
    const stats = await visitor.call('GET', 'stats')
    expect([stats.status, stats.body.data.totals.projects]).toEqual([200, expect.any(Number)])
    expect(stats.text).not.toMatch(/@/)
    for (const path of ['projects', `projects/${project}`, `projects/${project}/users`, `projects/${project}/events`, 'audit-log', 'me'])
      expect([path, (await visitor.call('GET', path)).status]).toEqual([path, path === 'me' ? 200 : 403])
    expect((await visitor.call('POST', 'projects', { name: 'No' })).status).toBe(403)
    await stand.stop()
  })
})
