import { randomUUID } from 'node:crypto'
import type { AttemptedAddresses } from '@portico/config/observability-config'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, createTestProject, PASSWORD, signUp, startDataPlane } from '../../support/data-plane.js'
import type { RunningDataPlane, TestProject } from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { withAdmin } from '../../support/admin-client.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.drop())

interface Line {
  msg: string
  method: string
  outcome: string
  [field: string]: unknown
}

const CLIENT = '203.0.113.44'

describe.each(['plain', 'hashed', 'none'] satisfies AttemptedAddresses[])('addresses of refused sign-ins: %s', (choice) => {
  let plane: RunningDataPlane
  let project: TestProject
  const lines: string[] = []
  const attempts = () => lines.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === 'sign_in')

  beforeAll(async () => {
    plane = await startDataPlane(database, {
      logTo: (line) => lines.push(line),
      observability: { attemptedAddresses: choice, topProjects: 3 },
    })
    project = await createTestProject(database)
  })
  afterAll(() => plane?.close())

  const rowsOf = () =>
    withAdmin(database.url, async (admin) => {
      const { rows } = await admin.query<{ action: string; ip: string | null; metadata: Record<string, unknown> }>(
        'select action, ip, metadata from auth.audit_event where project_id = $1 order by number',
        [project.id],
      )
      return rows
    })

  test('every attempt is one line, one count and one row', async () => {
    const base = plane.url + project.path
    const { email, userId } = await signUp(base)
    await call(`${base}/login`, { body: { email, password: PASSWORD }, ip: CLIENT })
    await call(`${base}/login`, { body: { email, password: 'not the password 1!' }, ip: CLIENT })
    const nobody = `nobody.${randomUUID()}@example.com`
    await call(`${base}/login`, { body: { email: nobody, password: PASSWORD }, ip: CLIENT })
    const [signedUp, right, wrong, unknown, ...others] = attempts()
    expect(others).toEqual([])
    expect(signedUp).toMatchObject({ method: 'sign_up', outcome: 'succeeded', user_id: userId, project_id: project.id })
    expect(right).toMatchObject({ method: 'password', outcome: 'succeeded', user_id: userId })
    expect(right).not.toHaveProperty('address')
    expect(wrong).toMatchObject({ method: 'password', outcome: 'refused', reason: 'wrong_password', user_id: userId })
    expect(unknown).toMatchObject({ method: 'password', outcome: 'refused', reason: 'unknown_address', user_id: null })
    // The line of the request and the line of the attempt are found together.
    expect(lines.some((line) => line.includes(String(wrong!['request_id'])) && line.includes('/auth/login'))).toBe(true)

    const rows = (await rowsOf()).filter(({ action }) => ['session.started', 'sign_in.refused', 'user.signed_up'].includes(action))
    expect(rows.map(({ action }) => action)).toEqual(['user.signed_up', 'session.started', 'sign_in.refused', 'sign_in.refused'])
    expect(rows[2]).toMatchObject({ ip: CLIENT, metadata: { method: 'password', reason: 'wrong_password' } })

    const text = lines.join('\n')
    const kept = [unknown, rows[3]!.metadata]
    if (choice === 'plain') {
      expect(kept).toMatchObject([{ address: nobody, client_address: CLIENT }, { address: nobody }])
    } else {
      const row = JSON.stringify(rows[3]!.metadata)
      expect([text.includes(nobody), text.includes(CLIENT), row.includes(nobody)]).toEqual([false, false, false])
    }
    if (choice === 'hashed') {
      expect(unknown!['address_digest']).toMatch(/^[\w-]{22}$/)
      expect(rows[3]!.metadata).toMatchObject({ address_digest: unknown!['address_digest'] })
      expect(wrong!['client_digest']).toBe(unknown!['client_digest'])
      expect(wrong!['address_digest']).not.toBe(unknown!['address_digest'])
    }
    if (choice === 'none') expect(Object.keys({ ...unknown, ...rows[3]!.metadata }).filter((key) => /address|client/.test(key))).toEqual([])

    const metrics = await plane.metrics()
    const counted = (method: string, outcome: string) =>
      new RegExp(`^portico_sign_ins_total\\{method="${method}",outcome="${outcome}",service="data-plane"\\} (\\d+)$`, 'm').exec(metrics)?.[1]
    expect([counted('password', 'succeeded'), counted('password', 'refused'), counted('sign_up', 'succeeded')]).toEqual(['1', '2', '1'])
    expect(metrics).toMatch(new RegExp(`^portico_project_requests\\{project_id="${project.id}",service="data-plane"\\} 4$`, 'm'))
  })

  test('a flood leaves a line for each and a bounded number of rows', async () => {
    const base = plane.url + project.path
    const { email } = await signUp(base)
    const before = attempts().length
    const rowsBefore = (await rowsOf()).length
    const answers: number[] = []
    for (let n = 0; n < 9; n += 1) answers.push((await call(`${base}/login`, { body: { email, password: 'not it at all 2!' } })).status)
    const looked = answers.filter((status) => status === 401).length
    expect(looked).toBeGreaterThan(0)
    expect(attempts().length - before).toBe(looked)
    expect((await rowsOf()).length - rowsBefore).toBeLessThanOrEqual(Math.min(looked, 5))
  })
})
