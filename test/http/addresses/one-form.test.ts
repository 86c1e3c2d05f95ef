import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { call, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { connect, type Connection } from '../../support/sql.js'

const PASSWORD = 'walnut bread tuesday'
const SPELLINGS = ['münchen.example', 'MÜNCHEN.Example', 'xn--mnchen-3ya.example', 'XN--MNCHEN-3YA.EXAMPLE']

let control: TestControlPlane
let data: RunningDataPlane
let owner: Connection
beforeAll(async () => {
  control = await startControlPlane()
  data = await startDataPlane(control.database)
  owner = await connect(control.database.url)
})
afterAll(async () => {
  await data?.close()
  await owner?.close()
  await control?.stop()
})

const signUp = (project: string, email: string) =>
  call(`${data.url}/${project}/signup`, { method: 'POST', body: { email, password: PASSWORD } })

test('a domain has one form: stored, mailed, found and signed in with, however it is spelled', async () => {
  const project = await makeProject(control, { enable: true })
  expect((await signUp(project, 'Ada@MÜNCHEN.example')).body.user.email).toBe('ada@xn--mnchen-3ya.example')
  expect(await owner.query('select email, email_typed from auth.end_user where project_id = $1', [project.slice(5)])).toEqual([
    { email: 'ada@xn--mnchen-3ya.example', email_typed: 'Ada@xn--mnchen-3ya.example' },
  ])
  for (const domain of SPELLINGS) {
    expect([domain, (await signUp(project, `ada@${domain}`)).body.error?.code]).toEqual([domain, 'email_taken'])
    const login = await call(`${data.url}/${project}/login`, { method: 'POST', body: { email: `ADA@${domain}`, password: PASSWORD } })
    expect([domain, login.status]).toEqual([domain, 200])
    for (const search of [domain, `ada@${domain}`, `@${domain}`, `${domain}.`, domain.split('.')[0]!]) {
      const found = await control.call('GET', `projects/${project}/users?search=${encodeURIComponent(search)}`)
      expect([search, found.body.data.map((user: { email: string }) => user.email)]).toEqual([search, ['ada@xn--mnchen-3ya.example']])
    }
    expect((await control.call('POST', `projects/${project}/users`, { email: `ada@${domain}` })).body.error.code).toBe('email_taken')
  }
})

test('lists of domains hold one form of each, and mean every spelling', async () => {
  for (const domain of [...SPELLINGS, 'münchen.example.']) {
    const project = await makeProject(control, { enable: { email_domains_allowed: [domain] } })
    const read = await control.call('GET', `projects/${project}/auth`)
    expect(read.body.data.settings.email_domains_allowed).toEqual(['xn--mnchen-3ya.example'])
    for (const spelling of SPELLINGS)
      expect(
        (await signUp(project, `${spelling.length}${spelling.codePointAt(0)}${spelling.codePointAt(1)}@post.${spelling}`)).status,
      ).toBe(201)
    expect((await signUp(project, 'ada@munchen.example')).body.error.code).toBe('email_domain_not_allowed')
    const blocking = await makeProject(control, { enable: { email_domains_blocked: [domain] } })
    for (const spelling of SPELLINGS) expect((await signUp(blocking, `ada@${spelling}`)).body.error.code).toBe('email_domain_not_allowed')
  }
})

test.each([
  'xn--a.example',
  'xn--abc-.example',
  'exa\u00admple.com',
  'ｅxample.com',
  'example。com',
  'example.com/x',
  '127.0.0.1',
  '[::1]',
  'a..b.example',
  '',
])('a list of domains does not take %j', async (domain) => {
  const project = await makeProject(control, { enable: true })
  for (const field of ['email_domains_allowed', 'email_domains_blocked']) {
    const answer = await control.call('PATCH', `projects/${project}/auth`, { [field]: [domain] })
    expect([answer.status, answer.body.error.details[0].field]).toEqual([422, field])
  }
})
