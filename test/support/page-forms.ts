import type { BrowserClient } from './browser-client.js'

/** The form of a page that posts to an address like this, with the fields that it has. */
export function formOf(html: string, action: RegExp): { action: string; fields: Record<string, string> } {
  for (const [form] of html.matchAll(/<form method="post"[\s\S]*?<\/form>/g)) {
    const target = plain(/action="([^"]*)"/.exec(form)?.[1] ?? '')
    if (!action.test(target)) continue
    const fields = [...form.matchAll(/<input[^>]*>/g)].map(([input]) => [attribute(input, 'name'), attribute(input, 'value')])
    return { action: target, fields: Object.fromEntries(fields) as Record<string, string> }
  }
  throw new Error(`no form to ${action.source} in ${html}`)
}

/** Fills the form in and sends it, as a browser without scripts does. */
export function submit(
  browser: BrowserClient,
  page: { url: URL | string; text: string },
  action: RegExp,
  typed: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const form = formOf(page.text, action)
  return browser.open(new URL(form.action, page.url), { form: { ...form.fields, ...typed }, headers })
}

const attribute = (tag: string, name: string) => plain(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '')

const plain = (text: string) =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
