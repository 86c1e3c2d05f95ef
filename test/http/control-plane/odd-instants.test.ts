import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

/** ISO 8601 has dates by week and by day of the year, which pass its check and are no `Date`: refused wherever an instant is read. */
let plane: TestControlPlane
let project: string
beforeAll(async () => {
  plane = await startControlPlane()
  project = await makeProject(plane, { enable: true })
})
afterAll(() => plane?.stop())

const DOORS: [string, string, (at: string) => [method: string, path: string, body?: unknown]][] = [
  ['figures of a project', 'from', (at) => ['GET', `projects/${project}/stats?from=${at}`]],
  ['figures of the tenant', 'to', (at) => ['GET', `stats?to=${at}`]],
  ['usage', 'from', (at) => ['GET', `usage?interval=month&from=${at}`]],
  ['the audit log', 'since', (at) => ['GET', `audit-log?since=${at}`]],
  ['people', 'created_since', (at) => ['GET', `projects/${project}/users?created_since=${at}`]],
  ['a key that ends', 'expires_at', (at) => ['POST', 'api-keys', { name: 'odd', scopes: ['projects:read'], expires_at: at }]],
]

test.each(DOORS.flatMap(([what, field, call]) => ['2026-W48-1', '2026-334'].map((at) => [what, at, field, call] as const)))(
  '%s: %s',
  async (_what, at, field, call) => {
    const answer = await plane.call(...call(at))
    expect([answer.status, answer.body.error?.details?.[0]?.field], answer.text).toEqual([422, field])
  },
)
