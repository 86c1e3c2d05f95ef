import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchForClient } from '../../../libs/sdk-app/server.js'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { call, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { connect, type Connection } from '../../support/sql.js'

const SERVER = '198.51.100.9'
const PASSWORD = 'walnut bread tuesday'
let control: TestControlPlane
let data: RunningDataPlane
let owner: Connection
let key: string
let keyId: string
const logged: string[] = []
beforeAll(async () => {
  control = await startControlPlane()
  data = await startDataPlane(control.database, { logTo: (line) => logged.push(line) })
  owner = await connect(control.database.url)
  ;({ key, id: keyId } = await makeKey(['clients:forward']))
})
afterAll(async () => {
  await data?.close()
  await owner?.close()
  await control?.stop()
})

async function makeKey(scopes: string[], as?: string): Promise<{ key: string; id: string }> {
  return (await control.call('POST', 'api-keys', { name: 'Server', scopes }, as === undefined ? {} : { key: as })).body.data
}

let made = 0
const signUp = (project: string, headers: Record<string, string>, ip = SERVER) =>
  call(`${data.url}/${project}/signup`, { body: { email: `person${(made += 1)}@example.com`, password: PASSWORD }, headers, ip })
const users = async (project: string) =>
  (await owner.query<{ n: number }>('select count(*)::int as n from auth.end_user where project_id = $1', [project.slice(5)]))[0]!.n
const limited = () => makeProject(control, { enable: { limits: { signup_client: { points: 3, window_seconds: 900 } } } })

test("a server's sign-ups count for the people they are for, and the audit log names those", async () => {
  const project = await limited()
  for (let i = 1; i <= 8; i += 1)
    expect((await signUp(project, { 'x-portico-key': key, 'x-portico-client-address': `203.0.113.${i}` })).status).toBe(201)
  for (const status of [201, 201, 429])
    expect((await signUp(project, { 'x-portico-key': key, 'x-portico-client-address': '203.0.113.1' })).status).toBe(status)
  const rows = await owner.query<{ ip: string }>(
    'select distinct host(ip::inet) as ip from auth.audit_event where project_id = $1 and ip is not null order by 1',
    [project.slice(5)],
  )
  expect(rows.map(({ ip }) => ip)).toEqual(expect.arrayContaining(['203.0.113.1', '203.0.113.8']))
  expect(rows.map(({ ip }) => ip)).not.toContain(SERVER)
})

test('the SDK sends both for a server', async () => {
  const project = await limited()
  for (let i = 1; i <= 5; i += 1) {
    const send = fetchForClient({ key, clientAddress: `2001:db8:${i}::1` })
    const response = await send(`${data.url}/${project}/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': SERVER },
      body: JSON.stringify({ email: `sdk${i}@example.com`, password: PASSWORD }),
    })
    expect(response.status).toBe(201)
  }
})

test('without a good key the address is refused, never believed or ignored', async () => {
  const project = await limited()
  const foreign = await makeTenant(control)
  const { key: foreignKey } = await makeKey(['clients:forward'], foreign)
  const other = await makeKey(['auth:write', 'users:write', 'projects:write'])
  const cases: [string, Record<string, string>, number, string][] = [
    ['no key', {}, 401, 'unauthenticated'],
    ['no key at all in it', { 'x-portico-key': 'secret' }, 401, 'unauthenticated'],
    ['an unknown key', { 'x-portico-key': `msk_live_${randomBytes(32).toString('base64url')}` }, 401, 'unauthenticated'],
    ["another tenant's key", { 'x-portico-key': foreignKey }, 401, 'unauthenticated'],
    ['the key in Authorization', { authorization: `Bearer ${key}` }, 401, 'unauthenticated'],
    ['a key with other scopes', { 'x-portico-key': other.key }, 403, 'insufficient_scope'],
  ]
  for (const [what, headers, status, code] of cases) {
    const answer = await signUp(project, { ...headers, 'x-portico-client-address': '203.0.113.50' })
    expect([what, answer.status, answer.body.error?.code]).toEqual([what, status, code])
  }
  expect((await signUp(project, { 'x-portico-key': foreignKey })).status).toBe(401)
  for (const address of ['evil', '', '203.0.113.1, 203.0.113.2', '203.0.113']) {
    const answer = await signUp(project, { 'x-portico-key': key, 'x-portico-client-address': address })
    expect([address, answer.status, answer.body.error?.code]).toEqual([address, 400, 'invalid_request'])
  }
  expect(await users(project)).toBe(0)
})

test('it is the same on every route of a project, public or not', async () => {
  const project = await limited()
  for (const path of ['/settings', '/user', '/verify', '/refresh', '/.well-known/jwks.json']) {
    const answer = await call(`${data.url}/${project}${path}`, {
      headers: { 'x-portico-client-address': '203.0.113.50' },
      ...(['/verify', '/refresh'].includes(path) && { body: {} }),
    })
    expect([path, answer.status]).toEqual([path, 401])
  }
})

test('a revoked or expired key is refused within a second', async () => {
  const project = await limited()
  const headers = { 'x-portico-key': key, 'x-portico-client-address': '203.0.113.60' }
  expect((await signUp(project, headers)).status).toBe(201)
  await control.call('DELETE', `api-keys/${keyId}`)
  await new Promise((done) => setTimeout(done, 1_000))
  expect((await signUp(project, headers)).status).toBe(401)
})

test('guessing keys is limited, and no key is logged', async () => {
  const project = await limited()
  const guess = () =>
    signUp(
      project,
      { 'x-portico-key': `msk_live_${randomBytes(32).toString('base64url')}`, 'x-portico-client-address': '203.0.113.70' },
      '198.51.100.66',
    )
  const answers = []
  for (let i = 0; i < 62; i += 1) answers.push((await guess()).status)
  expect([answers.slice(0, 60).every((status) => status === 401), answers.at(-1)]).toEqual([true, 429])
  expect(logged.length).toBeGreaterThan(0)
  expect(logged.join('')).not.toMatch(/msk_(live|test)_|203\.0\.113\./)
})
