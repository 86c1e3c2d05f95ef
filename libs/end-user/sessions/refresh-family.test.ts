import { randomBytes } from 'node:crypto'
import { digestToken } from '@portico/crypto/token-digest'
import { Database } from '@portico/database/database'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory, type ProjectRecord } from '@portico/database/project-directory'
import { addSeconds } from '@portico/kernel/duration'
import { systemEntropy } from '@portico/kernel/entropy'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestProject } from '../../../test/support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js'
import { insertEndUser } from '../records/end-user.store.js'
import { draftSession } from '../records/session-draft.js'
import { rotateRefreshToken } from '../records/session.store.js'

const GRACE = 30

let testDatabase: TestDatabase
let database: Database
let db: ProjectDb
let project: ProjectRecord

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = new Database({ connectionString: testDatabase.roleUrl('portico_data'), poolSize: 4, applicationName: 'test' })
  db = new ProjectDb(database)
  const { id } = await createTestProject(testDatabase, { settings: { refresh_grace_seconds: GRACE } })
  project = (await new ProjectDirectory(database).resolve(id))!
})

afterAll(async () => {
  await database?.close()
  await testDatabase?.drop()
})

/** What the family should be: a chain of tokens, each consumed at some second or not yet. */
interface Model {
  tokens: { text: string; consumedAt: number | null }[]
  ended: boolean
  now: number
}

type Step = { kind: 'refresh'; back: number; callers: number } | { kind: 'wait'; seconds: number }

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('refresh' as const), back: fc.integer({ min: 0, max: 3 }), callers: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, GRACE - 1, GRACE, GRACE + 1) }) },
)

test('the family in the database does what the model says, for any order of refreshes, replays and waits', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), run), { numRuns: 60 })
})

async function run(steps: Step[]): Promise<void> {
  const start = new Date()
  const draft = draftSession(systemEntropy, start, ['pwd'], { ip: null, userAgent: null })
  const email = `${randomBytes(8).toString('hex')}@example.com`
  await insertEndUser(
    db,
    project,
    { id: systemEntropy.uuid(), address: { typed: email, normalised: email }, passwordHash: 'x', metadata: {}, now: start, caller: { ip: null, userAgent: null } },
    { session: draft, confirmMailId: null, takenMailId: null },
  )
  const model: Model = { tokens: [{ text: draft.refreshToken, consumedAt: null }], ended: false, now: 0 }
  for (const next of steps) {
    if (next.kind === 'wait') model.now += next.seconds
    else await refresh(model, start, Math.max(model.tokens.length - 1 - next.back, 0), next.callers)
  }
}

async function refresh(model: Model, start: Date, index: number, callers: number): Promise<void> {
  const parent = model.tokens[index]!
  const answers = await Promise.all(
    Array.from({ length: callers }, async () => {
      const child = randomBytes(32).toString('base64url')
      // Sealing is not what is tested: the child itself stands where it would be sealed.
      const rotation = await rotateRefreshToken(db, project, {
        digest: digestToken(parent.text), childDigest: digestToken(child), childSealed: Buffer.from(child), now: addSeconds(start, model.now), ip: null, userAgent: null,
      })
      const given = rotation.outcome === 'rotated' ? child : rotation.outcome === 'replayed' ? rotation.childSealed!.toString() : null
      return { outcome: rotation.outcome, given }
    }),
  )
  const outcomes = answers.map((answer) => answer.outcome).toSorted()
  const others = (outcome: string) => Array.from({ length: callers - 1 }, () => outcome)
  if (model.ended) {
    expect(outcomes).toEqual(['ended', ...others('ended')])
    return
  }
  const child = model.tokens[index + 1]
  if (!child) {
    expect(outcomes).toEqual([...others('replayed'), 'rotated'].toSorted())
    const children = [...new Set(answers.map((answer) => answer.given))]
    expect(children).toHaveLength(1)
    parent.consumedAt = model.now
    model.tokens.push({ text: children[0]!, consumedAt: null })
  } else if (child.consumedAt === null && model.now - parent.consumedAt! < GRACE) {
    expect(answers).toEqual(answers.map(() => ({ outcome: 'replayed', given: child.text })))
  } else {
    // One caller finds the reuse and ends the family; the others may find it ended already, or the same reuse.
    expect(outcomes).toContain('reused')
    expect(outcomes.every((outcome) => outcome === 'reused' || outcome === 'ended')).toBe(true)
    model.ended = true
  }
}
