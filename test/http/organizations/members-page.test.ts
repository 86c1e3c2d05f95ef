import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call, signUp } from '../../support/data-plane.js'
import { formOf, submit } from '../../support/page-forms.js'
import { startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
let project: Awaited<ReturnType<SignInFixture['project']>>
beforeAll(async () => {
  fixture = await startSignInFixture()
  project = await fixture.project(['email'], { organizations: 'self_service' })
})
afterAll(() => fixture?.close())

const operate = (method: string, path: string, body?: unknown) => fixture.control.call(method, `projects/${project.id}/${path}`, body)

/** Somebody who is signed in on our pages. */
async function visitor() {
  const person = await signUp(project.base)
  const browser = new BrowserClient()
  const page = await browser.open(`${project.base}/sign-in`)
  expect((await submit(browser, page, /sign-in/, { email: person.email, password: person.password })).status).toBeLessThan(400)
  const at = (id?: string) => `${project.base}/organization/members${id === undefined ? '' : `?id=${id}`}`
  const open = (id?: string) => browser.open(at(id))
  const press = async (id: string, intent: string, typed: Record<string, string> = {}) => {
    const form_token = formOf((await open(id)).text, /members/).fields['form_token'] ?? ''
    return browser.open(at(id), { form: { form_token, intent, ...typed } })
  }
  return { ...person, browser, at, open, press }
}

async function company() {
  const owner = await visitor()
  const { id } = (await call(`${project.base}/organizations`, { token: owner.accessToken, body: { name: `Firma ${randomUUID().slice(0, 8)}` } })).body
  return { owner, id: id as string }
}

const join = async (id: string, userId: string, role = 'member') =>
  expect((await operate('POST', `organizations/${id}/members`, { user_id: userId, role })).status).toBe(201)
const roles = async (id: string) =>
  Object.fromEntries((await operate('GET', `organizations/${id}/members`)).body.data.map((each: { email: string; role: string }) => [each.email, each.role]))

test('an admin invites, changes, takes back and takes out; without an id it is the first one', async () => {
  const { owner, id } = await company()
  const member = await visitor()
  await join(id, member.userId)
  expect((await owner.open()).location?.searchParams.get('id')).toBe(id)
  const page = await owner.open(id)
  expect([page.status, page.text.includes(member.email), page.text.includes('Role of')]).toEqual([200, true, true])
  const invited = unique('invited')
  expect((await owner.press(id, 'invite', { email: invited, role: 'admin' })).location?.searchParams.get('done')).toBe('invited')
  expect((await owner.open(id)).text).toContain(invited)
  const wrong = await owner.press(id, 'invite', { email: 'nobody', role: 'member' })
  expect([wrong.status, wrong.text.includes('aria-invalid')]).toEqual([422, true])
  const [invitation] = (await operate('GET', `organizations/${id}/invitations`)).body.data as { id: string }[]
  await owner.press(id, 'revoke', { invitation_id: invitation!.id })
  expect((await operate('GET', `organizations/${id}/invitations`)).body.data).toEqual([])
  await owner.press(id, 'change', { user_id: member.userId, role: 'admin' })
  expect((await roles(id))[member.email]).toBe('admin')
  await owner.press(id, 'remove', { user_id: member.userId })
  expect(await roles(id)).toEqual({ [owner.email]: 'admin' })
  const last = await owner.press(id, 'leave')
  expect([last.status, last.text.includes('at least one admin')]).toEqual([409, true])
})

test('a member sees who is there, changes nothing, and leaves', async () => {
  const { owner, id } = await company()
  const member = await visitor()
  await join(id, member.userId)
  const page = await member.open(id)
  const shown = [owner.email, 'value="invite"', 'value="remove"'].map((each) => page.text.includes(each))
  expect(shown).toEqual([true, false, false])
  for (const [intent, typed] of [
    ['invite', { email: unique(), role: 'member' }], ['change', { user_id: member.userId, role: 'admin' }],
    ['remove', { user_id: owner.userId }],
    ['revoke', { invitation_id: randomUUID() }],
  ] as const) {
    const answer = await member.press(id, intent, typed)
    expect([intent, answer.status]).toEqual([intent, 403])
  }
  expect((await member.press(id, 'leave')).location?.pathname).toMatch(/\/account$/)
  expect(await roles(id)).toEqual({ [owner.email]: 'admin' })
  expect((await member.open(id)).status).toBe(404)
})

test('a stranger is shown nothing, nobody is asked to sign in, and a form of another site does nothing', async () => {
  const { owner, id } = await company()
  const stranger = await visitor()
  const member = await visitor()
  await join(id, member.userId)
  for (const answer of [await stranger.open(id), await stranger.open(), await stranger.open('x')]) {
    expect([answer.status, answer.text.includes(owner.email)]).toEqual([404, false])
  }
  const posted = await stranger.browser.open(stranger.at(id), { form: { form_token: 'x', intent: 'remove', user_id: owner.userId } })
  expect(posted.status).toBe(404)
  const crossed = await owner.browser.open(owner.at(id), { form: { form_token: 'x'.repeat(43), intent: 'remove', user_id: member.userId } })
  expect([crossed.status, (await roles(id))[member.email]]).toEqual([403, 'member'])
  expect((await new BrowserClient().open(owner.at(id))).location?.pathname).toMatch(/\/sign-in$/)
})

test('who may manage single sign-on makes set-up links here, sees each once, and takes them back; nobody else does', async () => {
  const { owner, id } = await company()
  expect((await operate('PUT', 'organization-roles/it', { name: 'IT', permissions: ['org.read', 'sso.manage'] })).status).toBeLessThan(300)
  const [person, member, other] = [await visitor(), await visitor(), await company()]
  await join(id, person.userId, 'it')
  await join(id, member.userId)
  const okta = { name: 'Okta of Firma', protocol: 'saml', organization_id: id }
  const { data: connection } = (await operate('POST', 'sso/connections', okta)).body
  const links = async () =>
    (await operate('GET', `organizations/${id}/setup-links`)).body.data as { id: string; connection_id: string | null }[]

  const made = await person.press(id, 'create_link', { connection_id: '' })
  const url = /https?:[^"<\s]+\/setup\?token=[\w-]+/.exec(made.text)?.[0] ?? ''
  expect([made.status, made.text.includes('only once'), made.headers.get('cache-control')]).toEqual([200, true, 'no-store'])
  const again = await person.open(id)
  expect([url, 'Not opened yet', 'value="invite"'].map((each) => again.text.includes(each))).toEqual([false, true, false])
  expect((await new BrowserClient().open(url)).text).toContain('Begin')
  const mending = await person.press(id, 'create_link', { connection_id: connection.id })
  expect([mending.status, (await links())[0]!.connection_id]).toEqual([200, connection.id])
  expect((await person.press(id, 'create_link', { connection_id: randomUUID() })).status).toBe(422)

  const [, first] = await links()
  for (const [who, at, status] of [[member, id, 403], [other.owner, other.id, 404]] as const) {
    expect([at, (await who.press(at, 'revoke_link', { link_id: first!.id })).status]).toEqual([at, status])
  }
  const form_token = formOf((await other.owner.open(other.id)).text, /members/).fields['form_token'] ?? ''
  for (const form of [{ intent: 'create_link' }, { intent: 'revoke_link', link_id: first!.id }]) {
    expect((await other.owner.browser.open(other.owner.at(id), { form: { form_token, ...form } })).status).toBe(404)
  }
  expect((await member.open(id)).text).not.toContain('value="create_link"')
  expect((await member.press(id, 'create_link')).status).toBe(403)
  expect(await links()).toHaveLength(2)
  expect((await person.press(id, 'revoke_link', { link_id: first!.id })).location?.searchParams.get('done')).toBe('removed')
  expect((await new BrowserClient().open(url)).status).toBe(400)
  expect((await owner.open(id)).text.match(/value="revoke_link"/g)).toHaveLength(1)

  for (let live = 1; live < 10; live += 1) expect((await owner.press(id, 'create_link')).status).toBe(200)
  const full = await owner.press(id, 'create_link')
  expect([full.status, full.text.includes('Remove one first')]).toEqual([409, true])
})
