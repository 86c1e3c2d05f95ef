import { afterAll, beforeAll, expect, test } from 'vitest'
import { Portico } from '../../../libs/sdk-js/portico.js'
import { call } from '../../support/data-plane.js'
import { square } from '../../support/png.js'
import { startSignInFixture, type SignInFixture } from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
beforeAll(async () => {
  fixture = await startSignInFixture()
})
afterAll(() => fixture?.close())

const image = (id: string, kind: string) => `projects/${id}/auth/branding/${kind}`

test('an uploaded logo and icon stand on the pages, from our own host, for ever under one name', async () => {
  const { base, id, uuid } = await fixture.project(['email'], { branding: { colour: '#123456' } })
  const logo = await fixture.control.call('PUT', image(id, 'logo'), { data: square(96) })
  expect(logo.body).toEqual({ data: { name: expect.stringMatching(/^[0-9a-f]{32}-96x96\.png$/), width: 96, height: 96 } })
  const icon = await fixture.control.call('PUT', image(id, 'icon'), { data: square(32) })
  const { name } = logo.body.data
  await expect.poll(async () => (await call(`${base}/sign-in`)).text).toContain(`/branding/${icon.body.data.name}`)
  const page = await call(`${base}/sign-in`)
  expect(page.text).toMatch(new RegExp(`<img src="/proj_[^"]+/branding/${name}" alt="Blue Bakery" width="96" height="96">`))
  expect(page.headers.get('content-security-policy')).toContain("img-src 'self' data:")
  const served = await call(`${base}/branding/${name}`)
  expect([served.status, served.headers.get('content-type'), served.headers.get('cache-control')]).toEqual([
    200, 'image/png', 'public, max-age=31536000, immutable',
  ])
  expect(served.headers.get('content-security-policy')).toContain('sandbox')
  expect(served.headers.get('x-content-type-options')).toBe('nosniff')
  // What was set before stays, and a login page may know it all.
  expect((await call(`${base}/settings`)).body.branding).toEqual({ colour: '#123456', logo: name, icon: icon.body.data.name })
  const changed = await fixture.owner.query("select metadata from auth.audit_event where project_id = $1 and action = 'auth.settings_changed'", [uuid])
  expect(changed).toEqual([{ metadata: { fields: ['branding'] } }, { metadata: { fields: ['branding'] } }])
  expect((await fixture.control.call('DELETE', image(id, 'logo'))).status).toBe(200)
  expect((await fixture.control.call('DELETE', image(id, 'logo'))).status).toBe(404)
  await expect.poll(async () => (await call(`${base}/sign-in`)).text).not.toContain(name)
  // Mails that were sent show it still.
  expect((await call(`${base}/branding/${name}`)).status).toBe(200)
})

test('the same by the SDK: bytes of a file, and what is wrong with them', async () => {
  const { id, base } = await fixture.project(['email'])
  const { branding } = new Portico({ apiKey: fixture.key, baseUrl: fixture.controlUrl }).projects.auth
  const bytes = new Uint8Array(Buffer.from(square(64, 0x33), 'base64'))
  const saved = await branding.setImage(id, 'icon', bytes)
  expect(saved).toMatchObject({ width: 64, height: 64 })
  expect((await call(`${base}/branding/${saved.name}`)).status).toBe(200)
  await expect(branding.setImage(id, 'logo', new Uint8Array(64))).rejects.toMatchObject({ code: 'validation_error' })
  await branding.removeImage(id, 'icon')
  await expect(branding.removeImage(id, 'icon')).rejects.toMatchObject({ code: 'not_found' })
})

test('what is no picture is refused with the reason, by its bytes', async () => {
  const { id } = await fixture.project(['email'])
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>').toString('base64')
  const refused = [
    ['logo', svg, 'svg'],
    ['icon', Buffer.alloc(64).toString('base64'), 'unknown_type'],
    ['logo', 'not base64 at all!!!', 'invalid'],
  ] as const
  for (const [kind, data, code] of refused) {
    const { status, body } = await fixture.control.call('PUT', image(id, kind), { data })
    expect([status, body.error.details[0].field]).toEqual([422, 'data'])
    if (code !== 'invalid') expect(body.error.details[0].code).toBe(code)
  }
  expect((await fixture.control.call('PUT', image(id, 'favicon'), { data: square(32) })).status).toBe(404)
  expect((await fixture.control.call('PUT', image(id, 'logo'), { data: 'A'.repeat(400_000) })).status).toBe(413)
  // The other routes keep their limit.
  expect((await fixture.control.call('PATCH', `projects/${id}/auth`, { site_url: `https://app.example/${'a'.repeat(80_000)}` })).status).toBe(413)
})

test('one project’s picture is nobody else’s, and no other name leads anywhere', async () => {
  const [one, other] = [await fixture.project(['email']), await fixture.project(['email'])]
  const { name } = (await fixture.control.call('PUT', image(one.id, 'logo'), { data: square(48, 0x20) })).body.data
  expect((await call(`${one.base}/branding/${name}`)).status).toBe(200)
  expect((await call(`${other.base}/branding/${name}`)).status).toBe(404)
  for (const wrong of ['x.png', `${'0'.repeat(32)}-1x1.svg`, '..%2f..%2fetc%2fpasswd', `${name}.html`, `${name}%00.svg`]) {
    expect([400, 404]).toContain((await call(`${one.base}/branding/${wrong}`)).status)
  }
  // The setting takes names of ours alone: no address of somebody's picture, no markup.
  for (const logo of ['https://evil.example/x.png', '"><script>', '../x.png', `${'0'.repeat(32)}-1x1.svg`, 3]) {
    expect((await fixture.control.call('PATCH', `projects/${one.id}/auth`, { branding: { logo } })).status).toBe(422)
  }
})
