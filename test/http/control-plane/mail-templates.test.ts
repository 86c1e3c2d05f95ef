import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
let path: string
beforeAll(async () => {
  plane = await startControlPlane()
  path = `projects/${await makeProject(plane, { enable: true })}/mail/templates`
})
afterAll(() => plane.stop())

const words = { subject: 'Hello from {{ app }}', text: 'Go: {{ link }}', html: '<p><a href="{{ link }}">Go</a></p>' }

test('a template is checked, versioned, shown, and reset to our words', async () => {
  const ours = await plane.call('POST', `${path}/invitation/de/preview`, {})
  expect(ours.body.data.subject).toBe('Du bist zu Blue Bakery eingeladen')
  expect((await plane.call('PUT', `${path}/invitation/de`, words)).body.data).toMatchObject({ version: 1, in_use: true, ...words })
  expect((await plane.call('PUT', `${path}/invitation/de`, { ...words, subject: 'Hallo' })).body.data).toMatchObject({ version: 2 })
  expect((await plane.call('GET', path)).body.data).toEqual([expect.objectContaining({ template: 'invitation', locale: 'de', version: 2 })])
  const versions = await plane.call('GET', `${path}/invitation/de`)
  expect(versions.body.data.map((row: { version: number; in_use: boolean }) => [row.version, row.in_use])).toEqual([[2, true], [1, false]])
  expect((await plane.call('POST', `${path}/invitation/de/preview`, {})).body.data.subject).toBe('Hallo')
  const given = await plane.call('POST', `${path}/invitation/de/preview`, words)
  expect(given.body.data).toMatchObject({ subject: 'Hello from Blue Bakery', html: expect.stringContaining('sample-token-of-a-link') })
  expect((await plane.call('DELETE', `${path}/invitation/de`)).status).toBe(200)
  expect((await plane.call('DELETE', `${path}/invitation/de`)).status).toBe(404)
  expect((await plane.call('POST', `${path}/invitation/de/preview`, {})).body.data.subject).toBe(ours.body.data.subject)
})

test('a template may be as large as mail programs show whole, whatever its letters are; what is larger is told by its field', async () => {
  const html = `<p>{{ link }}</p>${'é'.repeat(99_000)}`
  // Spelt as some clients do: six characters a letter.
  const escaped = JSON.stringify({ ...words, html, text: `{{ link }}${'ü'.repeat(49_000)}` }).replaceAll(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const headers = { authorization: `Bearer ${plane.key}`, 'content-type': 'application/json' }
  const send = (method: string, to: string, body: string) => fetch(`${plane.url}/api/v1/${path}/invitation/fr${to}`, { method, headers, body })
  expect((await send('PUT', '', escaped)).status).toBe(200)
  expect((await send('POST', '/preview', escaped)).status).toBe(200)
  const answer = await plane.call('PUT', `${path}/invitation/fr`, { ...words, html: 'x'.repeat(150_000) })
  expect([answer.status, answer.body.error.details[0].field]).toEqual([422, 'html'])
  expect((await send('PUT', '', JSON.stringify({ ...words, html: 'x'.repeat(2_000_000) }))).status).toBe(413)
  await plane.call('DELETE', `${path}/invitation/fr`)
})

test('a preview shows the saved look, or one that is not saved', async () => {
  const [project] = path.split('/mail')
  await plane.call('PATCH', `${project}/auth`, { branding: { name: 'Brotzeit', colour: '#ffd400', radius: 3 } })
  const saved = await plane.call('POST', `${path}/password_reset/en/preview`, {})
  expect(saved.body.data.subject).toContain('Brotzeit')
  expect(saved.body.data.html).toContain('border-radius:3px;background:#ffd400;color:#000000')
  const branding = { name: 'Käsekuchen', colour: '#123456', logo: `${'0'.repeat(32)}-96x32.png` }
  const drafted = await plane.call('POST', `${path}/password_reset/en/preview`, { branding })
  expect(drafted.body.data.html).toMatch(/<img src="http[^"]*\/branding\/0{32}-96x32\.png" alt="Käsekuchen" width="96" height="32"/)
  expect(drafted.body.data.html).toContain('background:#123456')
  const refused = await plane.call('POST', `${path}/password_reset/en/preview`, { branding: { colour: 'red' } })
  expect([refused.status, refused.body.error.details[0].field]).toEqual([422, 'branding'])
  await plane.call('PATCH', `${project}/auth`, { branding: null })
})

test.each([
  [{ text: 'no link' }, 'text'],
  [{ html: '{{ link' }, 'html'],
  [{ html: '{% for i in (1..9999999) %}x{% endfor %}' }, 'html'],
  [{ html: '{% include "/etc/passwd" %}{{ link }}' }, 'html'],
])('%j is refused for %s', async (more, part) => {
  const answer = await plane.call('PUT', `${path}/invitation/en`, { ...words, ...more })
  expect([answer.status, answer.body.error.details[0].field, answer.body.error.details[0].code]).toEqual([422, part, 'invalid_template'])
})

test.each(['nonsense/en', 'invitation/xx', 'invitation/EN', '__proto__/en'])('%s is not there', async (where) => {
  expect((await plane.call('PUT', `${path}/${where}`, words)).status).toBe(404)
})
