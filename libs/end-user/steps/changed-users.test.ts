import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { beforeEach, expect, test } from 'vitest'
import { ChangedUsers, type VerifiedUser } from './changed-users.js'
import type { CheckedToken } from './recent-tokens.js'

const START = new Date('2026-01-01T00:00:00Z')
const at = (seconds: number) => new Date(START.getTime() + seconds * 1_000)
const LIVE: VerifiedUser = { email: 'a@example.com', emailVerified: true, organization: null }

let seconds: number
let users: ChangedUsers

beforeEach(() => {
  seconds = 1_000
  users = new ChangedUsers({ now: () => at(seconds) } as Clock, { maxUsers: 3, maxProjects: 2 })
})

/** A token of the user's session that was issued at this second. */
const token = (userId: string, issuedAt: number, { projectId = 'p1', sessionId = 's1' } = {}) =>
  ({
    project: { scope: { projectId } } as ProjectRecord,
    userId,
    sessionId,
    claims: { iat: at(issuedAt).getTime() / 1_000 },
  }) as CheckedToken
const learn = (checked: CheckedToken, answer: VerifiedUser | null = LIVE) => users.read(checked, async () => answer)

test('nobody is asked for who did not change', () => {
  expect(users.find(token('u1', 1))).toBe('unchanged')
})

test('a user who changed is asked for once, for each session, until they change again', async () => {
  users.changed('p1', 'u1', at(1_000))
  expect(users.find(token('u1', 900))).toBeUndefined()
  await learn(token('u1', 900))
  await learn(token('u1', 900, { sessionId: 's2' }), null)
  expect(users.find(token('u1', 900))).toEqual(LIVE)
  expect(users.find(token('u1', 900, { sessionId: 's2' }))).toBeNull()
  expect(users.find(token('u1', 900, { sessionId: 's3' }))).toBeUndefined()
  users.changed('p1', 'u1', at(1_001))
  expect(users.find(token('u1', 900))).toBeUndefined()
})

test('a token issued well after the change says what is true; the margin is for clocks that differ and commits that are late', () => {
  users.changed('p1', 'u1', at(1_000))
  expect(users.find(token('u1', 1_015))).toBeUndefined()
  expect(users.find(token('u1', 1_016))).toBe('unchanged')
})

test('a process whose clock is slow hides nothing', () => {
  users.changed('p1', 'u1', at(100))
  expect(users.find(token('u1', 999))).toBeUndefined()
})

test('a process whose clock is fast makes nobody else be forgotten', () => {
  users.changed('p1', 'u1', at(1_000))
  users.changed('p1', 'u2', at(10 * 86_400))
  expect(users.find(token('u1', 900))).toBeUndefined()
})

test('an answer that a change overtook is not kept', async () => {
  users.changed('p1', 'u1', at(1_000))
  await users.read(token('u1', 900), async () => {
    users.changed('p1', 'u1', at(1_000))
    return LIVE
  })
  expect(users.find(token('u1', 900))).toBeUndefined()
})

test('a question that failed is asked again', async () => {
  users.changed('p1', 'u1', at(1_000))
  await expect(users.read(token('u1', 900), () => Promise.reject(new Error('lost')))).rejects.toThrow('lost')
  expect(users.find(token('u1', 900))).toBeUndefined()
})

test('whoever makes room leaves their project to be asked for, up to then; too many projects are everybody', () => {
  for (const [index, user] of ['u1', 'u2', 'u3', 'u4'].entries()) {
    seconds = 1_000 + index * 100
    users.changed('p1', user, at(seconds))
  }
  expect(users.size).toBe(3)
  expect(users.find(token('u1', 900))).toBeUndefined()
  expect(users.find(token('another', 1_000))).toBeUndefined()
  expect(users.find(token('another', 1_016))).toBe('unchanged')
  expect(users.find(token('another', 900, { projectId: 'p2' }))).toBe('unchanged')
  for (let n = 0; n < 9; n += 1) {
    seconds = 2_000 + n
    users.changed(`p${n}`, `v${n}`, at(seconds))
  }
  expect(users.find(token('u4', 1_000))).toBeUndefined()
  expect(users.find(token('another', 1_000, { projectId: 'elsewhere' }))).toBeUndefined()
  expect(users.size).toBe(3)
})

test('an answer for somebody whose entry made room is kept like any other', async () => {
  for (const user of ['u1', 'u2', 'u3', 'u4']) users.changed('p1', user, at(1_000))
  await learn(token('u1', 900))
  expect(users.find(token('u1', 900))).toEqual(LIVE)
})

test('after a gap everybody is asked for, and no answer from before it counts', async () => {
  users.changed('p1', 'u1', at(1_000))
  await learn(token('u1', 900))
  users.missed(at(1_100))
  expect(users.find(token('u1', 900))).toBeUndefined()
  expect(users.find(token('u2', 1_100))).toBeUndefined()
  expect(users.find(token('u2', 1_116))).toBe('unchanged')
})

test('an id of another project is another user', async () => {
  users.changed('p1', 'u1', at(1_000))
  await learn(token('u1', 900))
  expect(users.find(token('u1', 900, { projectId: 'p2' }))).toBe('unchanged')
  users.changed('p2', 'u1', at(1_000))
  expect(users.find(token('u1', 900, { projectId: 'p2' }))).toBeUndefined()
  expect(users.find(token('u1', 900))).toBeUndefined()
})

test('a change is forgotten when no token from before it can be left', () => {
  users.changed('p1', 'u1', at(1_000))
  seconds = 1_000 + 26 * 3_600
  users.changed('p1', 'u2', at(seconds))
  expect(users.size).toBe(1)
})
