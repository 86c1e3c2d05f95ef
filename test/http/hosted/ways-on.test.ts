import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MovableClock } from '@portico/kernel/clock'
import { BrowserClient } from '../../support/browser-client.js'
import { call, signUp } from '../../support/data-plane.js'
import { HOSTILE_PATHS } from '../../support/hostile-paths.js'
import { formOf, submit } from '../../support/page-forms.js'
import { noteChange } from '../../support/sql.js'
import { APP_CALLBACK, PASSWORD, proofKey, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

const clock = new MovableClock()
let fixture: SignInFixture
beforeAll(async () => {
  fixture = await startSignInFixture({ clock })
})
afterAll(() => fixture?.close())

const page = (base: string, of: string, fields: Record<string, string>) => `${base}/${of}?${new URLSearchParams(fields)}`
const redeem = (base: string, landed: URL | null, verifier: string) =>
  call(`${base}/token/exchange`, { body: { code: landed?.searchParams.get('code') ?? '', code_verifier: verifier } })

describe('?next=', () => {
  test('a path below the site is where the sign-in ends, with the code', async () => {
    const { base } = await fixture.project(['email'], { site_url: 'https://app.example/shop' })
    const { email } = await signUp(base)
    const [key, browser] = [proofKey(), new BrowserClient()]
    const shown = await browser.open(page(base, 'sign-in', { next: '/shop/cart?x=1', code_challenge: key.challenge, state: 's' }))
    const { location } = await submit(browser, shown, /sign-in/, { email, password: PASSWORD })
    expect(location?.href).toMatch(/^https:\/\/app\.example\/shop\/cart\?x=1&code=[\w-]{43}&state=s$/)
    expect((await redeem(base, location, key.verifier)).status).toBe(200)
  })

  test('nothing else is taken: no page shows a form that leads there', async () => {
    const { base } = await fixture.project(['email'], { site_url: 'https://app.example/shop' })
    const { challenge: code_challenge } = proofKey()
    const asked = [...HOSTILE_PATHS, '/', '/shopping', '/admin', 'shop'].map((next) => ({ next, code_challenge }))
    const more = [{ next: '/shop', redirect_to: 'https://app.example/shop', code_challenge }, { next: '/shop', code_challenge: '' }, { next: '/shop' }]
    for (const fields of [...asked, ...more] as Record<string, string>[]) {
      for (const of of ['sign-in', 'sign-up']) {
        const shown = await call(page(base, of, fields))
        expect([fields['next'], shown.status, shown.text.includes('<form method="post"')]).toEqual([fields['next'], 400, false])
      }
    }
    const { base: homeless } = await fixture.project(['email'])
    expect((await call(page(homeless, 'sign-in', { next: '/shop', code_challenge }))).status).toBe(400)
  })
})

describe('the gate', () => {
  test('disabled: not one of the pages, and not what their buttons do; mailed links work', async () => {
    const { base } = await fixture.project(['email', 'google'], { sign_in_gate: 'disabled' })
    const hosted = [
      'sign-in', 'sign-in/return', 'sign-in/google', 'sign-up', 'forgot', 'account', 'account/return', 'signed-out', 'organization',
      'code', 'mfa', 'mfa/enrol', 'continue', 'passkey', 'sign-up/confirm', 'sign-out', 'reset', 'confirm', 'magic-link', 'invitation',
    ]
    for (const each of hosted) expect([each, (await call(`${base}/${each}`)).status]).toEqual([each, 404])
    const typed = { email: unique(), password: PASSWORD }
    const buttons = {
      'sign-in': typed, 'sign-up': typed, 'sign-up/confirm': { email: typed.email }, forgot: { email: typed.email },
      code: { email: typed.email },
      mfa: { mfa_token: 'x' }, 'mfa/enrol': { mfa_token: 'x' }, continue: {}, organization: {}, account: {}, 'sign-out': {},
    }
    for (const [each, form] of Object.entries(buttons)) {
      const answer = await new BrowserClient().open(`${base}/${each}`, { form: form as Record<string, string> })
      expect([each, answer.status]).toEqual([each, 404])
    }
    expect((await call(`${base}/mail/password_reset?token=x`)).status).toBe(200)
    expect((await call(`${base}/settings`)).body).toMatchObject({ sign_in_gate: 'disabled' })
  })
})

describe('addresses that are no page lead to one', () => {
  const flow = { redirect_to: APP_CALLBACK, code_challenge: proofKey().challenge, state: 's', locale: 'de' }
  test.each([
    ['code', 'sign-in'], ['mfa', 'sign-in'], ['mfa/enrol', 'sign-in'], ['continue', 'sign-in'], ['passkey', 'sign-in'],
    ['sign-up/confirm', 'sign-up'], ['sign-out', 'account'], ['reset', 'forgot'], ['password-reset', 'forgot'], ['confirm', 'sign-in'],
    ['magic-link', 'sign-in'], ['invitation', 'sign-in'],
  ])('%s to %s, with what the app asked for', async (from, to) => {
    const { base } = await fixture.project(['email', 'magic_link'])
    const { location, status } = await new BrowserClient().open(page(base, from, flow))
    expect([status, location?.href]).toEqual([302, page(base, to, flow)])
    const refused = await new BrowserClient().open(page(base, from, { ...flow, redirect_to: 'https://evil.example' }))
    expect([refused.status, refused.location]).toEqual([400, null])
  })

  test.each([
    ['reset', 'password_reset'], ['password-reset', 'password_reset'], ['confirm', 'email_confirm'], ['magic-link', 'magic_link'],
    ['invitation', 'invitation'],
  ])('%s with a token to the page of %s', async (from, purpose) => {
    const { base } = await fixture.project(['email', 'magic_link'])
    const { location } = await new BrowserClient().open(page(base, from, { token: 'a_b-c', locale: 'de' }))
    expect(location?.href).toBe(`${base}/mail/${purpose}?locale=de&token=a_b-c`)
  })
})

describe('two presses without a script', () => {
  const signUpTwice = async (base: string, second = PASSWORD) => {
    const [key, browser, email] = [proofKey(), new BrowserClient(), unique('twice')]
    const shown = await browser.open(page(base, 'sign-up', { redirect_to: APP_CALLBACK, code_challenge: key.challenge }))
    await submit(browser, shown, /sign-up/, { email, password: PASSWORD })
    return { key, email, again: await submit(browser, shown, /sign-up/, { email, password: second }) }
  }

  test('the one that the browser shows ends where the first one did', async () => {
    const { base } = await fixture.project(['email'])
    const { again, key, email } = await signUpTwice(base)
    expect(again.location?.href).toMatch(/^https:\/\/app\.example\/auth\/callback\?code=/)
    expect((await redeem(base, again.location, key.verifier)).body.user.email).toBe(email)
  })

  test('where the address has to be confirmed both say so; with another password both say that there is an account', async () => {
    const { base } = await fixture.project(['email'], { require_email_confirmation: true })
    expect((await signUpTwice(base)).again.text).toContain('Confirm your email address')
    const { base: open } = await fixture.project(['email'])
    const { again } = await signUpTwice(open, `${PASSWORD} another`)
    expect([again.status, again.text.includes('There is an account')]).toEqual([422, true])
  })
})

test('a sign-in before the address is confirmed offers the mail once more', async () => {
  const { base } = await fixture.project(['email'], { require_email_confirmation: true })
  const [browser, email] = [new BrowserClient(), unique('waits')]
  const form = await browser.open(page(base, 'sign-up', {}))
  await submit(browser, form, /sign-up/, { email, password: PASSWORD })
  const shown = await browser.open(page(base, 'sign-in', {}))
  const refused = await submit(browser, shown, /sign-in/, { email, password: PASSWORD })
  expect([refused.status, refused.text.includes('Send the mail again')]).toEqual([403, true])
  clock.advanceSeconds(120)
  const again = await submit(browser, refused, /confirm/, { intent: 'again' })
  expect(again.text).toContain('Code from the mail')
})

describe('a mailed link that does not work says why', () => {
  const ask = async (base: string, email: string) => {
    clock.advanceSeconds(90)
    const before = fixture.resend.mails.length
    await call(`${base}/password-reset`, { body: { email } })
    const found = () => {
      const mail = fixture.resend.mails.slice(before).find(({ to, text }) => to.includes(email) && text.includes('/mail/password_reset'))
      return mail && /https?:\S+\/mail\/password_reset\?token=\S+/.exec(mail.text)![0]
    }
    await expect.poll(found).toBeTruthy()
    return found()!
  }
  const press = async (link: string) => {
    const browser = new BrowserClient()
    return submit(browser, await browser.open(link), /password_reset/, { password: 'the next horse battery 5!' })
  }

  test('used, replaced, too old, of another app, cut off; and where there is a new one', async () => {
    const [{ base }, { base: other }] = [await fixture.project(['email']), await fixture.project(['email'])]
    const [{ email }, { email: second }] = [await signUp(base), await signUp(base)]
    const first = await ask(base, email)
    const newest = await ask(base, email)
    expect((await press(first)).text).toContain('A newer mail has been sent')
    expect((await press(newest.replace(base, other))).text).toContain('belongs to another app')
    expect((await press(newest.slice(0, -3))).text).toContain('is not complete')
    expect((await press(newest)).text).toContain('Your password is changed')
    clock.advanceSeconds(600)
    const used = await press(newest)
    expect(used.text).toContain('This link was used already.')
    expect(used.text).toMatch(/href="[^"]*\/forgot"[^>]*>Ask for a new link/)
    const old = await ask(base, second)
    clock.advanceSeconds(3_700)
    expect((await press(old)).text).toContain('This link is too old.')
    expect([400, 401]).toContain((await press(old)).status)
  })

  test('in the language that its reader has chosen, unless the address asks for another', async () => {
    const { base } = await fixture.project(['email'])
    const { email, accessToken: token } = await signUp(base)
    await call(`${base}/user`, { method: 'PATCH', token, body: { metadata: { locale: 'de' } } })
    const link = await ask(base, email)
    const lang = async (url: string) => /<html lang="([^"]+)"/.exec((await call(url)).text)![1]
    expect([await lang(link), await lang(`${link}&locale=ar`)]).toEqual(['de', 'ar'])
    const browser = new BrowserClient()
    await submit(browser, await browser.open(`${base}/sign-in`), /sign-in/, { email, password: PASSWORD })
    expect((await browser.open(`${base}/account`)).text).toContain('<html lang="de"')
    expect((await browser.open(`${base}/account?locale=fr`)).text).toContain('<html lang="fr"')
  })
})

test('a recovery link signs in, ends the other sessions, and works once', async () => {
  const { base, id } = await fixture.project(['email', 'magic_link'], { site_url: 'https://app.example' })
  const { email, accessToken, userId } = await signUp(base)
  // Where there are passwords the mail leads to a new one.
  expect((await fixture.control.call('PATCH', `projects/${id}/auth`, { providers: ['magic_link'] })).status).toBe(200)
  const started = await fixture.control.call('POST', `projects/${id}/users/${userId}/recovery`, {})
  expect(started.status).toBeLessThan(300)
  const link = await fixture.mailedLink(email, /account/i)
  const browser = new BrowserClient()
  const shown = await browser.open(link)
  expect(shown.text).toContain('Get back into your account')
  const done = await submit(browser, shown, /account_recovery/, {})
  expect(done.location?.pathname).toMatch(/\/account$/)
  expect((await browser.open(`${base}/account`)).text).toContain(email)
  expect((await call(`${base}/sessions`, { token: accessToken })).status).toBe(401)
  clock.advanceSeconds(600)
  const again = await submit(new BrowserClient(), shown, /account_recovery/, {})
  expect(again.text).toContain('This link was used already.')
})

describe('organizations', () => {
  async function people() {
    const project = await fixture.project(['email'], { organizations: 'self_service' })
    const { base, uuid } = project
    const proven = async () => {
      const person = await signUp(base)
      await fixture.owner.query('update auth.end_user set email_verified_at = now() where id = $1', [person.userId])
      await noteChange({ query: (text, values) => fixture.owner.query(text, values) }, uuid, person.userId)
      return person
    }
    const [owner, guest] = [await proven(), await proven()]
    const make = async (name: string) =>
      (await call(`${base}/organizations`, { token: owner.accessToken, body: { name } })).body.id as string
    const ids = [await make('Bakery One'), await make('Bakery <Two>')]
    const invite = (organization: string, email: string) =>
      call(`${base}/organizations/${organization}/invitations`, { token: owner.accessToken, body: { email } })
    return { base, owner, guest, ids, invite }
  }
  const signIn = async (base: string, email: string) => {
    const [key, browser] = [proofKey(), new BrowserClient()]
    const shown = await browser.open(page(base, 'sign-in', { redirect_to: APP_CALLBACK, code_challenge: key.challenge }))
    return { key, browser, answer: await submit(browser, shown, /sign-in/, { email, password: PASSWORD }) }
  }
  const claimsOf = async (base: string, landed: URL | null, verifier: string) => {
    const { body } = await redeem(base, landed, verifier)
    return JSON.parse(Buffer.from(body.access_token.split('.')[1], 'base64url').toString()) as Record<string, unknown>
  }

  test('whoever belongs to some chooses one after the sign-in, or none', async () => {
    const { base, owner, ids } = await people()
    const one = await signIn(base, owner.email)
    expect(one.answer.text).toContain('Choose an organization')
    expect(one.answer.text).toContain('Bakery &lt;Two&gt;')
    const chosen = await submit(one.browser, one.answer, /organization/, { id: ids[1]!, intent: 'choose' })
    expect(await claimsOf(base, chosen.location, one.key.verifier)).toMatchObject({ org_id: ids[1] })
    const two = await signIn(base, owner.email)
    const none = await submit(two.browser, two.answer, /organization/, { intent: 'none' })
    expect(await claimsOf(base, none.location, two.key.verifier)).not.toHaveProperty('org_id')
  })

  test('an invitation that waits is accepted or declined there; another one’s is not', async () => {
    const { base, owner, guest, ids, invite } = await people()
    await invite(ids[0]!, guest.email)
    await invite(ids[1]!, guest.email)
    const { answer, browser, key } = await signIn(base, guest.email)
    expect(answer.text).toContain('Bakery One invites you to join.')
    const invited = [...answer.text.matchAll(/name="id" value="([0-9a-f-]{36})"/g)].map((found) => found[1]!)
    const theirs = (await signIn(base, owner.email)).browser
    const shown = await theirs.open(`${base}/organization`)
    expect((await submit(theirs, shown, /organization/, { id: invited[0]!, intent: 'accept' })).status).toBe(404)
    const forged = await browser.open(`${base}/organization`, { form: { ...formOf(answer.text, /organization/).fields, form_token: '', intent: 'accept' } })
    expect(forged.status).toBe(403)
    const declined = await submit(browser, answer, /organization/, { id: invited[0]!, intent: 'decline' })
    expect(declined.text).not.toContain(invited[0])
    const joined = await submit(browser, answer, /organization/, { id: invited.find((id) => id !== invited[0])!, intent: 'accept' })
    expect(await claimsOf(base, joined.location, key.verifier)).toHaveProperty('org_id')
    const stranger = await call(page(base, 'organization', {}))
    expect([stranger.status, stranger.headers.get('location')]).toEqual([302, expect.stringMatching(/\/sign-in$/)])
  })

  test('the account page leads to the people of each; roles of ours have a name in every language', async () => {
    const { base, owner, ids } = await people()
    const { browser } = await signIn(base, owner.email)
    const account = await browser.open(`${base}/account?locale=pl`)
    const found = [...account.text.matchAll(/href="([^"]*\/organization\/members[^"]*)"/g)]
    const links = found.map(([, link = '']) => link.replaceAll('&amp;', '&'))
    expect(links.map((link) => new URL(link, base).searchParams.get('id')).toSorted()).toEqual(ids.toSorted())
    const members = await browser.open(new URL(links[0]!, base))
    expect(members.text).toContain('<html lang="pl"')
    expect(members.text).toContain('<span class="badge">Administrator</span>')
    expect(members.text).toContain('<option value="member" selected>Członek</option>')
  })

  test('the mail of an invitation leads whoever has an account to our page, through the sign-in; later it says that it is gone', async () => {
    const { base, guest, ids, invite } = await people()
    await invite(ids[0]!, guest.email)
    const link = await fixture.mailedLink(guest.email, /Bakery One/)
    expect(link.href).toMatch(new RegExp(`^${base}/organization\\?organization_invitation=[0-9a-f-]{36}$`))
    const browser = new BrowserClient()
    const asked = await browser.open(link)
    expect([asked.status, asked.location?.pathname]).toEqual([302, expect.stringMatching(/\/sign-in$/)])
    const signInPage = await browser.open(asked.location!)
    const shown = await submit(browser, signInPage, /sign-in/, { email: guest.email, password: PASSWORD })
    expect(shown.text).toContain('Bakery One invites you to join.')
    expect(shown.text).not.toContain('is not open to')
    const joined = await submit(browser, shown, /organization/, { intent: 'accept' })
    expect([joined.status, joined.text.includes('You belong to Bakery One now.')]).toEqual([200, true])
    // A second look, and one of somebody for whom it is not.
    expect((await browser.open(link)).text).toContain(`This invitation is not open to ${guest.email}`)
    const stranger = await signUp(base)
    const theirs = new BrowserClient()
    const again = await theirs.open((await theirs.open(link)).location!)
    const told = await submit(theirs, again, /sign-in/, { email: stranger.email, password: PASSWORD })
    expect([told.status, told.text.includes(`This invitation is not open to ${stranger.email}`)]).toEqual([200, true])
    const on = await submit(theirs, told, /organization/, { intent: 'none' })
    expect(on.location?.pathname).toMatch(/\/account$/)
  })
})
