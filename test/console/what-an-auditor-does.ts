import { verifyAuditExport, verifyErasureReceipt } from '@portico/sdk'
import type { Download, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { findings, openWatched } from '../support/console-browser.js'
import type { Stand } from './stand.js'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const textOf = async (download: Download) => Buffer.concat((await (await download.createReadStream()).toArray()) as Buffer[]).toString()

/** What is kept, for how long and where else, and what is destroyed. */
export function whatAnAuditorDoes(stand: Stand): void {
  const keys = async () => ((await (await fetch(`${stand.stage.origin}/api/v1/audit-keys`)).json()) as { keys: object[] }).keys

  test('the log that a page saves is the one that verifies', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Audited' })
    await stage.api('POST', `projects/${id}/auth`)
    for (const name of ['ada', 'bob']) await stage.api('POST', `projects/${id}/users`, { email: `${name}@example.com` })
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    for (const [address, item, log] of [
      [`projects/${id}/audit`, 'Whole log, to be verified', { projectId: id }],
      ['audit', 'Log of the workspace, to be verified', { projectId: null }],
    ] as const) {
      await page.goto(`${stage.origin}/console/${address}`)
      // Rows are chained a moment after they are written.
      await expect
        .poll(async () => {
          await button(page, 'Export').click()
          const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()])
          return verifyAuditExport((await textOf(saved)).split('\n'), { keys: await keys() })
        }, { timeout: 20_000 })
        .toMatchObject({ ...log, rows: expect.toSatisfy((rows: number) => rows >= 3), problem: null })
    }
    expect(problems).toEqual([])
    await context.close()
  })

  test('somebody is erased, and the receipt that is saved verifies', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Forgetful' })
    await stage.api('POST', `projects/${id}/auth`)
    const person = await stage.api<{ id: string }>('POST', `projects/${id}/users`, { email: 'ada@example.com' })
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/projects/${id}/people/${person.id}`)
    await button(page, 'More actions').click()
    await page.getByRole('menuitem', { name: 'Erase every trace …' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('ada@example.com')
    await button(page, 'Erase for good').click()
    await page.getByRole('heading', { name: 'Destroyed' }).waitFor()
    expect(await findings(page)).toEqual([])
    const [saved] = await Promise.all([page.waitForEvent('download'), button(page, 'Save the receipt').click()])
    const { receipt } = JSON.parse(await textOf(saved)) as { receipt: string }
    expect(await verifyErasureReceipt(receipt, { keys: await keys() })).toMatchObject({ projectId: id, userId: person.id })
    await button(page, 'Done').click()
    await page.getByText('Nobody has signed up yet').waitFor()
    expect(problems.filter((problem) => !/status of 404/.test(problem))).toEqual([])
    await context.close()
  })

  test('for how long rows are kept is chosen, and confirmed where rows go; a stream is set, its secret shown once, and turned off', async () => {
    const { stage, browser } = stand
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/audit-upkeep`)
    await page.getByLabel('Keep audit rows').selectOption('365')
    await button(page, 'Save').click()
    await page.getByRole('dialog').getByRole('textbox').fill('1 year')
    expect(await findings(page)).toEqual([])
    await button(page, 'Delete them').click()
    await page.getByText('Audit rows are kept for 1 year').waitFor()
    await expect.poll(() => stage.api('GET', 'audit-log/retention')).toEqual({ days: 365 })
    await page.getByLabel('Keep audit rows').selectOption('null')
    await button(page, 'Save').click()
    await page.getByText('Audit rows are kept for ever').waitFor()

    await button(page, 'Set up').click()
    await page.getByLabel('URL').fill('http://127.0.0.1:9/nobody')
    expect(await findings(page)).toEqual([])
    await button(page, 'Stream it').click()
    await page.getByText(/^whsec_/).first().waitFor()
    await button(page, 'I have kept it').click()
    await page.getByText('http://127.0.0.1:9/nobody').waitFor()
    // Nobody is there: its problem is seen without a look of one's own.
    await page.getByText('The destination could not be reached', { exact: false }).waitFor({ timeout: 30_000 })
    expect(await findings(page)).toEqual([])
    await button(page, 'Turn off …').click()
    await page.getByRole('dialog').getByRole('textbox').fill('off')
    await button(page, 'Turn off').last().click()
    await page.getByText('Streamed nowhere', { exact: true }).waitFor()
    expect(problems).toEqual([])
    await context.close()
  })
}
