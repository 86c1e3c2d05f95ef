import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { verifyWebhook } from '../../libs/sdk-js/verify-webhook.js'
import { findings, openWatched } from '../support/console-browser.js'
import type { Stand } from './stand.js'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

interface Described {
  paths: Record<string, { get: { parameters: { name?: string; schema: { enum: string[] } }[] } }>
}

/** With what leaves the project: webhooks, organizations, mail. */
export function whatAnOperatorDoesOutside(stand: Stand): void {
  test('a webhook: its secret shown once, a test that is refused and one that is taken, the same again, another secret, off and away', async () => {
    const { stage, browser } = stand
    const taken: { headers: Headers; body: string }[] = []
    let answer = 500
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => {
        taken.push({ headers: new Headers(request.headers as Record<string, string>), body })
        response.writeHead(answer).end('said by the endpoint')
      })
    })
    await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/portico`
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Hooks' })
    await stage.api('POST', `projects/${id}/auth`)

    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/projects/${id}/webhooks`)
    await page.getByText('Nobody is told yet').waitFor()
    await button(page, 'Add endpoint').click()
    await page.getByLabel('URL', { exact: true }).fill('not a url')
    await button(page, 'Add it').click()
    // The refusal stands at the field.
    await page.getByText(/must be an? .*URL/).waitFor()
    await page.getByLabel('URL', { exact: true }).fill(url)
    await page.getByText('Only these').click()
    await page.getByRole('group', { name: 'Chosen events' }).getByLabel('session.started').check()
    expect(await findings(page)).toEqual([])
    await button(page, 'Add it').click()
    await page.getByText('It is shown this once', { exact: false }).waitFor()
    const secret = (await page.getByLabel('signing secret', { exact: true }).textContent()) ?? ''
    expect(secret).toMatch(/^whsec_/)
    await button(page, 'I have kept it').click()
    await page.getByRole('heading', { level: 1, name: new URL(url).host }).waitFor()
    expect(await page.content()).not.toContain(secret)

    await button(page, 'Send a test').click()
    const row = page.getByRole('button', { name: /webhook\.test/ }).first()
    await row.click()
    await page.getByText('said by the endpoint').waitFor()
    await page.getByText('The endpoint refused it', { exact: false }).waitFor()
    expect(await findings(page)).toEqual([])
    answer = 204
    await button(page, 'Send again').click()
    await page.getByText('taken', { exact: true }).last().waitFor()
    await expect(verifyWebhook(taken.at(-1)!, secret)).resolves.toMatchObject({ type: 'webhook.test' })

    await button(page, 'More actions').click()
    await page.getByRole('menuitem', { name: 'Replay a time' }).click()
    await button(page, 'Send it').click()
    await page.getByRole('heading', { name: 'Replays' }).waitFor()
    await page.getByText('done', { exact: true }).waitFor()
    expect(await findings(page)).toEqual([])

    await button(page, 'More actions').click()
    await page.getByRole('menuitem', { name: 'Rotate the secret' }).click()
    await button(page, 'Rotate').click()
    const second = (await page.getByLabel('signing secret', { exact: true }).textContent()) ?? ''
    expect(second).not.toBe(secret)
    await button(page, 'I have kept it').click()
    await button(page, 'More actions').click()
    await page.getByRole('menuitem', { name: 'Turn off' }).click()
    await page.getByText('The endpoint is off', { exact: true }).waitFor()
    await button(page, 'More actions').click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill(url)
    await button(page, 'Remove it').click()
    await page.getByText('Nobody is told yet').waitFor()
    expect(await stage.api('GET', `projects/${id}/webhooks`)).toEqual([])
    expect(problems.filter((problem) => !/status of 4(04|22)/.test(problem))).toEqual([])
    await context.close()
    server.closeAllConnections()
    server.close()
  })

  test('for one project alone: an endpoint of the workspace, and a key that only reads', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Chosen Chapel' })
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    const dialog = page.getByRole('dialog')
    const choose = async (submit: string) => {
      await dialog.getByLabel('Chosen projects').first().check()
      expect(await dialog.getByRole('button', { name: submit }).getAttribute('title')).toBe('Choose at least one project.')
      await dialog.getByLabel('Name or id of a project').fill('chosen')
      await dialog.getByRole('list', { name: 'Found projects' }).getByRole('button', { name: /Chosen Chapel/ }).click()
      expect(await findings(page)).toEqual([])
      await dialog.getByRole('button', { name: submit }).click()
    }
    await page.goto(`${stage.origin}/console/webhooks`)
    await page.getByText('Nobody is told yet').waitFor()
    await button(page, 'Add endpoint').click()
    await dialog.getByLabel('URL', { exact: true }).fill('http://127.0.0.1:9/all')
    await choose('Add it')
    await button(page, 'I have kept it').click()
    await page.getByRole('heading', { level: 1, name: '127.0.0.1:9' }).waitFor()
    await page.getByRole('link', { name: 'Chosen Chapel' }).waitFor()
    const [made] = await stage.api<{ id: string; project_ids: string[] }[]>('GET', 'webhooks')
    expect(made?.project_ids).toEqual([id])
    await stage.api('DELETE', `webhooks/${made?.id}`)

    await page.goto(`${stage.origin}/console/api-keys`)
    await button(page, 'New key').click()
    await dialog.getByLabel('Name', { exact: true }).fill('A reader of one')
    await dialog.getByLabel('Only to read').check()
    await choose('Make the key')
    await button(page, 'I have kept it').click()
    await page.getByText('1 project', { exact: true }).waitFor()
    const keys = await stage.api<{ name: string }[]>('GET', 'api-keys')
    expect(keys.find(({ name }) => name === 'A reader of one')).toMatchObject({ read_only: true, project_ids: [id] })
    expect(problems).toEqual([])
    await context.close()
  })

  test('an organization: made, a person added and made admin, another one invited, a role of its own, deleted', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Companies' })
    await stage.api('POST', `projects/${id}/auth`, { organizations: 'managed' })
    for (const email of ['ada@example.com', 'grace@example.com']) await stage.api('POST', `projects/${id}/users`, { email })
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/projects/${id}/organizations`)
    await page.getByText('No organization yet').waitFor()
    await button(page, 'New organization').click()
    await page.getByRole('dialog').getByLabel('Name').fill('Acme & Sons')
    await button(page, 'Make it').click()
    await page.getByRole('heading', { level: 1, name: 'Acme & Sons' }).waitFor()

    const add = async (how: RegExp, email: string, press: string) => {
      await button(page, 'Add').click()
      await page.getByLabel(how).check()
      await page.getByLabel('Email address').fill(email)
      expect(await findings(page)).toEqual([])
      await page.getByRole('dialog').getByRole('button', { name: press, exact: true }).click()
    }
    await add(/at once/, 'nobody@example.com', 'Add')
    await page.getByRole('dialog').getByText('Nobody has an account', { exact: false }).waitFor()
    await button(page, 'Cancel').click()
    await add(/at once/, 'ada@example.com', 'Add')
    await page.getByRole('table', { name: 'Members' }).getByText('ada@example.com').waitFor()
    await page.getByLabel('Role of ada@example.com').selectOption('admin')
    await page.getByText('ada@example.com is admin now').waitFor()
    await add(/Invite by mail/, 'joan@example.com', 'Invite')
    await page.getByRole('region', { name: 'Invitations' }).getByText('joan@example.com').waitFor()
    await button(page, 'Revoke the invitation of joan@example.com').click()
    await page.getByText('None is open.').waitFor()

    await button(page, 'New role').click()
    await page.getByLabel('Key').fill('billing')
    await page.getByRole('dialog').getByLabel('Name').fill('Billing')
    await page.getByLabel('Permissions').fill('org.read\ninvoices:read')
    await button(page, 'Save the role').click()
    await page.getByText('The role Billing is saved').waitFor()
    const [organization] = await stage.api<{ id: string }[]>('GET', `projects/${id}/organizations`)
    const roles = await stage.api<{ key: string }[]>('GET', `projects/${id}/organization-roles?organization_id=${organization?.id}`)
    expect(roles.find(({ key }) => key === 'billing')).toMatchObject({ permissions: ['org.read', 'invoices:read'] })

    await button(page, 'Delete').click()
    await page.getByRole('dialog').getByRole('textbox').fill('Acme & Sons')
    await button(page, 'Delete for good').click()
    await page.getByText('No organization yet').waitFor()
    expect(problems.filter((problem) => !/status of 404/.test(problem))).toEqual([])
    await context.close()
  })

  test('a mail in words of one’s own: begun from ours, refused without its link, saved, taken back, and an old version taken up', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Letters' })
    await stage.api('POST', `projects/${id}/auth`)
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/projects/${id}/mail?tab=words`)
    // Every mail that the API takes words for is offered, and no other.
    const description = (await (await fetch(`${stage.origin}/openapi.json`)).json()) as Described
    const path = '/projects/{projectId}/mail/templates/{template}/{locale}'
    const known = description.paths[path]?.get.parameters.find(({ name }) => name === 'template')?.schema.enum
    expect(known).toContain('password_reset')
    const offered = async () => {
      const links = await page.getByRole('list', { name: 'Mails' }).getByRole('link').all()
      const addresses = await Promise.all(links.map((link) => link.getAttribute('href')))
      return addresses.map((href) => /words\/(\w+)\//.exec(href ?? '')?.[1]).toSorted()
    }
    // The list comes after the page: its own request has to be answered first.
    await expect.poll(offered).toEqual(known?.toSorted())
    await page.getByRole('link', { name: /Password reset/ }).click()
    const frame = page.frameLocator('iframe[title="The mail"]')
    await frame.getByRole('link').first().waitFor()
    await button(page, 'Start from Portico’s words').click()
    await expect.poll(() => page.getByLabel('HTML').inputValue()).toContain('{{ link }}')
    await page.getByLabel('HTML').fill('<p>No way on</p><script>document.title="run"</script>')
    await frame.getByText('No way on').waitFor()
    await button(page, 'Save').click()
    await page.getByText(/link/i).first().waitFor()
    await page.getByLabel('HTML').fill('<p>Here you <a href="{{ link }}">go</a></p>')
    await page.getByLabel('Subject').fill('Your {{ app }} password')
    await frame.getByText('go', { exact: true }).waitFor()
    expect(await findings(page)).toEqual([])
    await button(page, 'Save').click()
    await page.getByText('version 1 in use').waitFor()
    await page.getByRole('region', { name: 'Preview' }).getByText('Your Letters password').waitFor()
    // A link of a mail leads nowhere from here.
    await frame.getByText('go', { exact: true }).click()
    await frame.getByText('go', { exact: true }).waitFor()
    await button(page, 'Reset').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click()
    await page.getByText('Portico’s words', { exact: true }).waitFor()
    expect(await stage.api('GET', `projects/${id}/mail/templates`)).toEqual([])
    await button(page, 'Take up version 1').click()
    await button(page, 'Save').click()
    await page.getByText('version 2 in use').waitFor()
    expect(problems.filter((problem) => !/status of 422|execute 'postMessage'/.test(problem))).toEqual([])
    await context.close()
  })
}
