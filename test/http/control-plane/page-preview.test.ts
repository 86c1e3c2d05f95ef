import { PREVIEWED_PAGES } from '@portico/tokens/page-preview'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'

let control: TestControlPlane
let data: RunningDataPlane
let project: string
beforeAll(async () => {
  control = await startControlPlane()
  data = await startDataPlane(control.database)
  project = await makeProject(control, { enable: true })
})
afterAll(async () => {
  await data?.close()
  await control?.stop()
})

async function ticketFor(body: Record<string, unknown>): Promise<string> {
  const answer = await control.call('POST', `projects/${project}/auth/pages/preview`, body)
  expect(answer.status).toBe(200)
  return new URL(answer.body.data.url as string).searchParams.get('ticket') ?? ''
}
const open = (of: string, ticket: string) => fetch(`${data.url}/${of}/preview?${new URLSearchParams({ ticket })}`)

test.each(PREVIEWED_PAGES)('%s is shown with a look and a language that are not saved, and nothing is', async (page) => {
  const answer = await open(project, await ticketFor({ page, branding: { name: 'Brotzeit', colour: '#ff0000' }, locale: 'de' }))
  const text = await answer.text()
  expect(answer.status).toBe(200)
  expect(text).toContain('Brotzeit')
  expect(text).toContain('lang="de"')
  expect(text).toContain('#ff0000')
  const policy = answer.headers.get('content-security-policy')
  expect(policy).toContain("form-action 'none'")
  expect(policy).toMatch(/frame-ancestors https?:\/\/[^ ;]+$/)
  expect(answer.headers.get('x-frame-options')).toBeNull()
  // The colours of the scheme that is asked for, whatever the reader's system says.
  const dark = await (await open(project, await ticketFor({ page, scheme: 'dark' }))).text()
  expect(dark).toContain('color-scheme:dark')
  expect([text, dark].filter((one) => one.includes('prefers-color-scheme'))).toEqual([])
  const { settings } = (await control.call('GET', `projects/${project}/auth`)).body.data as { settings: { branding: object } }
  expect(settings.branding).toEqual({})
})

test('a page of its own may be shown in no frame, whoever asks', async () => {
  const answer = await fetch(`${data.url}/${project}/sign-in`)
  expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(answer.headers.get('x-frame-options')).toBe('DENY')
})

test('a ticket opens its own project, for ten minutes, as it was made', async () => {
  const other = await makeProject(control, { enable: true })
  const ticket = await ticketFor({ page: 'sign-in', branding: { name: 'Brotzeit' } })
  for (const [of, given] of [
    [other, ticket],
    [project, `${ticket.slice(0, -3)}AAA`],
    [project, 'none'],
    [project, ''],
  ] as const) {
    const answer = await open(of, given)
    expect([answer.status >= 400 && answer.status < 500, (await answer.text()).includes('Brotzeit')]).toEqual([true, false])
  }
  data.clock.advanceSeconds(11 * 60)
  expect((await open(project, ticket)).status).toBe(400)
})

test('what is no look is refused with its field, and a project without auth has no pages', async () => {
  for (const branding of [{ colour: 'red' }, { name: '<b>\u202e' }, { logo: 'x' }, { terms_url: 'javascript:alert(1)' }]) {
    const refused = await control.call('POST', `projects/${project}/auth/pages/preview`, { page: 'sign-in', branding })
    expect([refused.status, refused.body.error.details[0].field]).toEqual([422, 'branding'])
  }
  const bare = await makeProject(control)
  const refused = await control.call('POST', `projects/${bare}/auth/pages/preview`, { page: 'sign-in' })
  expect(refused.body.error.code).toBe('auth_not_enabled')
})
