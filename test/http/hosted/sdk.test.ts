import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthClient, memoryStorage } from '../../../libs/sdk-app/auth-client.js'
import { hosted } from '../../../libs/sdk-app/hosted.js'
import { BrowserClient } from '../../support/browser-client.js'
import { signUp } from '../../support/data-plane.js'
import { submit } from '../../support/page-forms.js'
import { APP_CALLBACK, PASSWORD, startSignInFixture, type SignInFixture } from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
beforeAll(async () => {
  fixture = await startSignInFixture()
})
afterAll(() => fixture?.close())

test('one redirect there and one back: the app that began is signed in, and no other one', async () => {
  const { base } = await fixture.project(['email'])
  const { email } = await signUp(base)
  const [auth, other] = [0, 1].map(() => createAuthClient({ url: base, storage: memoryStorage(), autoRefresh: false }))
  const [pages, theirs] = [hosted(auth!), hosted(other!)]
  const browser = new BrowserClient()
  const page = await browser.open(await pages.signInWithRedirect({ redirectTo: APP_CALLBACK, locale: 'de', loginHint: email, open: false }))
  expect(page.text).toContain('Bei Blue Bakery anmelden')
  const { location } = await submit(browser, page, /sign-in/, { email, password: PASSWORD })
  await expect(theirs.handleRedirect(location!)).rejects.toMatchObject({ code: 'flow_not_found' })
  const result = await pages.handleRedirect(location!)
  expect(result).toMatchObject({ user: { email } })
  expect(await auth!.getUser()).toMatchObject({ email })
  expect(await pages.handleRedirect('https://app.example/other?code=x&state=y')).toBeNull()
  for (const client of [auth, other]) client!.close()
})
