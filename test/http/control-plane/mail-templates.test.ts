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
