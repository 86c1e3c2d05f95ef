import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addressRoutes, type AddressRoute } from '../../support/address-routes.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { call, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { ODD_ADDRESSES } from '../../support/odd-addresses.js'
import { connect, type Connection } from '../../support/sql.js'

const PASSWORD = 'walnut bread tuesday'

let control: TestControlPlane
let data: RunningDataPlane
let owner: Connection
let project: string
let userId: string
let session: string
let clients = 0

beforeAll(async () => {
  control = await startControlPlane()
  data = await startDataPlane(control.database)
  owner = await connect(control.database.url)
  project = await makeProject(control, { enable: { providers: ['email', 'magic_link', 'email_otp'] } })
  const made = await ask(
    { plane: 'data', method: 'POST', path: '/signup', body: { password: PASSWORD }, needsSession: false },
    'owner@example.com',
  )
  userId = made.body.user_id
  session = made.body.access_token
})
afterAll(async () => {
  await data?.close()
  await owner?.close()
  await control?.stop()
})

/** Each call from an address of its own: limits by client are not what is tested here. */
async function ask(route: AddressRoute, email: string) {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => (/user|uid/i.test(name) ? userId : project))
  const body = { ...route.body, email }
  if (route.plane === 'control') return control.call(route.method, path.startsWith('/api') ? path : `/api/v1${path}`, body)
  clients += 1
  const headers = {
    'x-forwarded-for': `10.9.${clients >> 8}.${clients & 255}`,
    ...(route.needsSession && { authorization: `Bearer ${session}` }),
  }
  return call(`${data.url}/${project}${path}`, { method: route.method, body, headers })
}

const state = async () =>
  owner.query('select (select json_agg((email, email_typed) order by id) from auth.end_user) as users, (select count(*)::int from auth.outbox) as mails')

const routes = addressRoutes()

test('the routes are those of the documents', () => {
  expect(routes.map(({ plane, method, path }) => `${plane} ${method} ${path}`).toSorted()).toMatchSnapshot()
})

// They look at something else first, which these bodies have not got: an origin, a role, an organization. All read the address with the
// same `readEmail`; `test/http/organizations/operators.test.ts` tries one.
const ASKS_FIRST = [
  'control POST /console/setup',
  'control POST /members',
  'control POST /projects/{projectId}/organizations/{organizationId}/invitations',
  'data POST /account/passkey-options',
  'data POST /organizations/{id}/invitations',
]
const walked = routes.filter(({ plane, method, path }) => !ASKS_FIRST.includes(`${plane} ${method} ${path}`))

describe.each(walked)('$plane $method $path', (route) => {
  test('refuses every text that only looks like an address, says which one, and does nothing', async () => {
    const before = await state()
    for (const [typed, resembling] of ODD_ADDRESSES) {
      const answer = await ask(route, typed)
      expect([typed, answer.status, answer.body.error?.code]).toEqual([typed, 422, 'validation_error'])
      expect(answer.body.error.details).toEqual([
        { field: 'email', code: 'ambiguous_email', message: expect.stringContaining(` ${resembling},`) },
      ])
    }
    expect(await state()).toEqual(before)
  })

  test('refuses what is no address in any reading, without a hint', async () => {
    for (const typed of [
      'ada@xn--a.example',
      'ada@xn--abc-.example',
      'a..da@example.com',
      'ada@example.com\r\nBcc: eve@example.com',
      '<b>@ｅxample.com',
      'ada@127.0.0.1',
    ]) {
      const answer = await ask(route, typed)
      expect([typed, answer.status, answer.body.error?.details]).toEqual([
        typed,
        422,
        [{ field: 'email', code: 'invalid_email', message: 'This must be an email address.' }],
      ])
    }
  })

  test('takes a domain in Unicode, in any case', async () => {
    for (const typed of ['Owner@MÜNCHEN.example', 'owner@XN--MNCHEN-3YA.example', 'a..da@docomo.ne.jp']) {
      const answer = await ask(route, typed)
      const details: { code: string }[] = answer.body.error?.details ?? []
      expect([typed, details.filter(({ code }) => code.endsWith('_email')), answer.status < 500]).toEqual([typed, [], true])
    }
  })
})
