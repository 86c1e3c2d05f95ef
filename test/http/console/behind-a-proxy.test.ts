import { afterAll, beforeAll, expect, test } from 'vitest'
import { jarAt, startConsole, type ConsoleBrowser, type TestConsole } from '../../support/console.js'
import { DATA_PLANE_URL, type Answer } from '../../support/control-plane.js'
import { startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { formOf } from '../../support/page-forms.js'

// The proxy ends TLS, passes `Host` on, and never says `X-Forwarded-Proto`: both planes are asked in plain http under their https names.
const OWNER = { email: 'owner@example.com', password: 'a long enough sentence 7' }

let stand: TestConsole
let dataPlane: RunningDataPlane
beforeAll(async () => {
  stand = await startConsole()
  dataPlane = await startDataPlane(stand.control.database, { publicUrl: DATA_PLANE_URL })
  const made = await stand.browser().call('POST', 'console/setup', { ...OWNER, code: stand.control.setUpCode })
  expect(made.status).toBe(201)
})
afterAll(async () => {
  await dataPlane?.close()
  await stand?.stop()
})

interface Person {
  console: ConsoleBrowser
  pages: ConsoleBrowser
}

function personAt(onHttp: boolean): Person {
  const look = { 'user-agent': 'Mozilla/5.0 Test' }
  const at = (url: string, publicUrl: string) => jarAt(url, publicUrl, look, new URL(publicUrl).host, { onHttp })
  return { console: at(stand.control.url, stand.publicUrl), pages: at(dataPlane.url, DATA_PLANE_URL) }
}

const leadsTo = (answer: Answer) => new URL(answer.headers.get('location') ?? 'nowhere:', stand.publicUrl)
const pathOf = ({ pathname, search }: URL) => pathname + search

/** To the sign-in page, and the form sent. */
async function signIn({ console, pages }: Person): Promise<Answer> {
  const asked = leadsTo(await console.call('GET', 'console/sign-in?next=/console/team'))
  expect(asked.origin).toBe(DATA_PLANE_URL)
  const page = await pages.call('GET', pathOf(asked))
  expect(page.status).toBe(200)
  const { action, fields } = formOf(page.text, /sign-in/)
  return pages.call('POST', action, new URLSearchParams({ ...fields, ...OWNER, intent: 'password' }), { origin: null })
}

test('nothing rests on it: who came over https is signed in, and each address is visited once', async () => {
  const person = personAt(false)
  const back = await signIn(person)
  expect([back.status, back.text]).toEqual([302, ''])
  expect(leadsTo(back).href).toContain(`${stand.publicUrl}/api/v1/console/callback?`)
  const arrived = await person.console.call('GET', pathOf(leadsTo(back)))
  const home = await person.console.call('GET', pathOf(leadsTo(arrived)))
  expect(pathOf(leadsTo(home))).toBe('/console/team')
  expect((await person.console.call('GET', 'me')).body.data).toMatchObject({ role: 'owner', user: { email: OWNER.email } })
})

test('who came over http, where no browser keeps the cookies, sees on both planes a page that says so, and is sent nowhere', async () => {
  const person = personAt(true)
  const refused = await signIn(person)
  expect([refused.status, refused.headers.get('location')]).toEqual([403, null])
  expect(refused.text).toContain('your browser keeps no cookies')

  // However they may have got a good code: the flow that it belongs to was in a cookie.
  const code = 'x'.repeat(43)
  const lost = await person.console.call('GET', `console/callback?code=${code}&state=${'y'.repeat(43)}`)
  expect([lost.status, lost.headers.get('location')]).toEqual([400, null])
  expect(lost.text).toContain(stand.publicUrl)
  expect(lost.text).toContain('X-Forwarded-Proto')

  const arrived = await person.console.call('GET', 'console/arrived?next=/console/team')
  expect([arrived.status, arrived.headers.get('location')]).toEqual([400, null])
  expect(arrived.text).toContain('CONTROL_PLANE_PUBLIC_URL')
})
