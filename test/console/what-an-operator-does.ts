import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { findings, openWatched } from '../support/console-browser.js'
import type { Stand } from './stand.js'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

/** With people, settings and secrets. */
export function whatAnOperatorDoes(stand: Stand): void {

  test('from nothing: a project, its auth, a person; find, disable, evict, delete', async () => {
    const { stage, browser } = stand
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/`)
    await page.goto(`${stage.origin}/console/projects`)
    await page.getByText('The first project').waitFor()
    await button(page, 'New project').first().click()
    await page.getByRole('dialog').getByLabel('Name').fill('Green Garage')
    expect(await findings(page)).toEqual([])
    await button(page, 'Create').click()
    await page.getByRole('heading', { level: 1, name: 'Green Garage' }).waitFor()
    await page.getByText('Auth is on').waitFor()
    const projectId = /proj_[0-9a-f-]{36}/.exec(page.url())?.[0] ?? ''

    await page.getByRole('link', { name: 'People' }).click()
    await page.getByText('Nobody has signed up yet').waitFor()
    await button(page, 'Add').click()
    await page.getByLabel('Email address').fill('ada@example.com')
    await page.getByLabel('Password', { exact: true }).fill('password')
    await button(page, 'Make the account').click()
    // The server's refusal stands at the field.
    await page
      .getByText(/common|weak|password/i)
      .nth(1)
      .waitFor()
    await page.getByLabel('Password', { exact: true }).fill('a long enough sentence 7')
    await button(page, 'Make the account').click()
    await page.getByRole('heading', { level: 1, name: 'ada@example.com' }).waitFor()

    await page.getByRole('link', { name: 'People' }).first().click()
    await page.getByLabel('Beginning of an address, @domain or id').fill('ada@')
    await page.getByRole('link', { name: 'ada@example.com' }).click()
    await button(page, 'Disable').click()
    await page.getByText('ada@example.com is disabled; every session ended').waitFor()
    expect(await stage.api('GET', `projects/${projectId}/users?search=ada@`)).toMatchObject([{ disabled: true }])
    await button(page, 'Enable').click()
    await page.getByText('ada@example.com may sign in again').waitFor()

    await button(page, 'More actions').click()
    await page.getByRole('menuitem', { name: /Evict/ }).click()
    expect(await findings(page)).toEqual([])
    await button(page, 'Evict').click()
    await page.getByText('The account is closed to everybody').waitFor()
    await button(page, 'Done').click()
    const trail = await stage.api<{ action: string }[]>('GET', `projects/${projectId}/audit-log`)
    expect(trail.map(({ action }) => action)).toContain('user.evicted')

    await button(page, 'More actions').click()
    await page.getByRole('menuitem', { name: /Delete/ }).click()
    await button(page, 'Delete for good').waitFor()
    expect(await button(page, 'Delete for good').isDisabled()).toBe(true)
    await page.getByRole('dialog').getByRole('textbox').fill('ada@example.com')
    await button(page, 'Delete for good').click()
    await page.getByText('Nobody has signed up yet').waitFor()
    expect(await stage.api('GET', `projects/${projectId}/users`)).toEqual([])
    expect(problems.filter((problem) => !/status of 4(04|22)/.test(problem))).toEqual([])
    await context.close()
  })

  test('a setting is changed after its difference was shown, and a refusal stands where it belongs', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Settings' })
    await stage.api('POST', `projects/${id}/auth`)
    const { page, context } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/projects/${id}/sign-in`)
    await page.getByLabel('Second factors').selectOption('optional')
    await page.getByLabel('Shortest password').fill('12')
    await button(page, 'Review and save').click()
    await page.getByRole('dialog').getByText('Second factors').waitFor()
    expect(await findings(page)).toEqual([])
    await button(page, 'Save').last().click()
    await page.getByText('2 settings saved, and in force everywhere').waitFor()
    const { settings } = await stage.api<{ settings: Record<string, unknown> }>('GET', `projects/${id}/auth`)
    expect(settings).toMatchObject({ mfa: 'optional', password_min_length: 12 })

    await page.getByLabel('Site URL').fill('not a URL')
    await button(page, 'Review and save').click()
    await button(page, 'Save').last().click()
    await page.getByText('Some fields are not right').waitFor()
    await button(page, 'Back').click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.getByRole('alert').allTextContents()).toHaveLength(1)
    await context.close()
  })

  test('a logo: looked at before it is everybody’s, kept by what is saved after it, and taken away', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'With a face' })
    await stage.api('POST', `projects/${id}/auth`)
    const branding = async () =>
      (await stage.api<{ settings: { branding: Record<string, string> } }>('GET', `projects/${id}/auth`)).settings.branding
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280, also: [stage.dataPlane] })
    await page.goto(`${stage.origin}/console/projects/${id}/look`)
    const brand = page.getByRole('region', { name: 'Brand' })
    await brand.getByLabel('Name', { exact: true }).fill('Inks')
    const file = brand.locator('input[type=file]').first()
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')
    await file.setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: svg })
    await button(page, 'Use it').click()
    await page.getByText('SVG is not taken', { exact: false }).waitFor()
    await button(page, 'Cancel').click()
    const picture = await page.screenshot({ clip: { x: 0, y: 0, width: 64, height: 48 } })
    await file.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: picture })
    await page.getByAltText('The chosen logo').waitFor()
    expect(await findings(page)).toEqual([])
    expect(await branding()).not.toHaveProperty('logo')
    await button(page, 'Use it').click()
    await page.getByText('64 × 48 PNG').waitFor()
    const { logo } = await branding()
    expect(logo).toMatch(/-64x48\.png$/)
    // What was typed before does not bring back the branding of before.
    await brand.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved, and seen by everybody from now on').waitFor()
    expect(await branding()).toMatchObject({ name: 'Inks', logo })
    await button(page, 'Remove the logo').click()
    await page.getByText('The logo is gone').waitFor()
    expect((await branding())['logo'] ?? null).toBeNull()
    expect(problems.filter((problem) => !/status of 422|allow-scripts/.test(problem))).toEqual([])
    await context.close()
  })

  test('a secret is shown when it is asked for, and that is in the audit log', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Secrets' })
    await stage.api('POST', `projects/${id}/auth`)
    const { env } = await stage.api<{ env: Record<string, string> }>('GET', `projects/${id}/runtime-env`)
    const { page, context } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/projects/${id}`)
    await button(page, 'Reveal').waitFor()
    expect(await page.content()).not.toContain(env['AUTH_JWT_SECRET'])
    await button(page, 'Reveal').click()
    await page.getByText(env['AUTH_JWT_SECRET'] ?? '').waitFor()
    const stream = page.waitForRequest((request) => request.url().endsWith(`/projects/${id}/events/stream`))
    await page.goto(`${stage.origin}/console/projects/${id}/audit?action=runtime_env.read`)
    await stream
    await page.getByText('runtime_env.read').nth(1).waitFor()
    await context.close()
  })

  test('a thousand people: paged, searched, filtered, some of them disabled at once, all of them exported', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Thousand' })
    await stage.api('POST', `projects/${id}/auth`)
    const names = Array.from({ length: 1_000 }, (_, i) => `person${String(i).padStart(4, '0')}@${i % 2 ? 'odd' : 'even'}.example`)
    for (let at = 0; at < names.length; at += 25)
      await Promise.all(names.slice(at, at + 25).map((email) => stage.api('POST', `projects/${id}/users`, { email })))
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    const rows = page.getByRole('table', { name: 'People' }).locator('tbody tr')
    await page.goto(`${stage.origin}/console/projects/${id}/people?sort=email`)
    await page.getByText('person0000@even.example').waitFor()
    expect(await rows.count()).toBe(50)
    await button(page, 'Next').click()
    await page.getByText('person0050@even.example').waitFor()
    await button(page, 'Previous').click()
    await page.getByText('person0000@even.example').waitFor()

    await page.getByRole('searchbox').fill('person0999@')
    await page.getByText('person0999@odd.example').waitFor()
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByRole('searchbox').fill('@odd.example')
    await page.getByText('person0001@odd.example').waitFor()
    await page.getByLabel('Select person0001@odd.example').check()
    await page.getByLabel('Select person0003@odd.example').check()
    expect(await findings(page)).toEqual([])
    await button(page, 'Disable').click()
    await page.getByText('2 people disabled').waitFor()
    await page.getByLabel('State', { exact: true }).selectOption('disabled')
    await expect.poll(() => rows.count()).toBe(2)
    expect(new URL(page.url()).searchParams.get('state')).toBe('disabled')
    expect(await stage.api<unknown[]>('GET', `projects/${id}/users?state=disabled`)).toHaveLength(2)

    await page.getByRole('searchbox').fill('')
    await button(page, 'Clear').click()
    await button(page, 'Export').click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'As CSV' }).click()])
    const text = await (await download.createReadStream()).toArray()
    expect(
      Buffer.concat(text as Buffer[])
        .toString()
        .trim()
        .split('\n'),
    ).toHaveLength(1_001)
    expect(problems).toEqual([])
    await context.close()
  })
}
