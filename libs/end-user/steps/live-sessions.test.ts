import type { ProjectRecord } from '@portico/database/project-directory'
import { beforeEach, expect, test } from 'vitest'
import { LiveSessions } from './live-sessions.js'
import type { LiveSession } from '../records/session.store.js'

const START = new Date('2026-01-01T00:00:00Z')
const later = (seconds: number) => new Date(START.getTime() + seconds * 1000)
const project = (projectId: string, idle = 600) => ({ scope: { projectId }, settings: { session_idle_seconds: idle } }) as ProjectRecord
const session = (userId: string, expiresAt: Date | null = null) => ({ user: { id: userId }, lastUsedAt: START, expiresAt }) as LiveSession

const ours = project('p1')
let hearing = true
let monotonic = 0
let sessions: LiveSessions

beforeEach(() => {
  hearing = true
  monotonic = 0
  sessions = new LiveSessions({ hearsEndings: () => hearing, monotonicMs: () => monotonic, maxUsers: 3, maxAgeMs: 1_000 })
})

const learn = (userId: string, sessionId: string, given: LiveSession | null = session(userId), of = ours) => sessions.read(of, userId, sessionId, async () => given)
const finds = (userId: string, sessionId: string, now = START, of = ours) => sessions.find(of, userId, sessionId, now) !== null

test('a session that was called live is vouched for until it is forgotten, too old, or past its lifetimes', async () => {
  await learn('u1', 's1', session('u1', later(100)))
  expect(finds('u1', 's1')).toBe(true)
  expect(finds('u1', 's1', later(99))).toBe(true)
  expect(finds('u1', 's1', later(100))).toBe(false)
  await learn('u1', 's2')
  expect(finds('u1', 's2', later(599))).toBe(true)
  expect(finds('u1', 's2', later(600))).toBe(false)
  monotonic = 999
  expect(finds('u1', 's2')).toBe(true)
  monotonic = 1_000
  expect(finds('u1', 's2')).toBe(false)
  monotonic = 0
  sessions.forget('p1', 'u1')
  expect([finds('u1', 's1'), finds('u1', 's2')]).toEqual([false, false])
})

test('what changes while the database is asked is not remembered', async () => {
  let answer!: (session: LiveSession) => void
  const asked = sessions.read(ours, 'u1', 's1', () => new Promise((resolve) => (answer = resolve)))
  sessions.forget('p1', 'u1')
  answer(session('u1'))
  // This caller gets the answer of its moment; later callers do not.
  expect(await asked).not.toBeNull()
  expect(finds('u1', 's1')).toBe(false)
  const again = sessions.read(ours, 'u1', 's1', () => new Promise((resolve) => (answer = resolve)))
  sessions.clear()
  answer(session('u1'))
  await again
  expect(finds('u1', 's1')).toBe(false)
})

test('a dead session, one of somebody else, a failed question and another project are never vouched for', async () => {
  await learn('u1', 's1', null)
  await learn('u2', 's2', session('u9'))
  await expect(sessions.read(ours, 'u3', 's3', () => Promise.reject(new Error('lost')))).rejects.toThrow('lost')
  expect([finds('u1', 's1'), finds('u2', 's2'), finds('u9', 's2'), finds('u3', 's3'), sessions.size]).toEqual([false, false, false, false, 0])
  await learn('u1', 's1')
  expect(finds('u1', 's1', START, project('p2'))).toBe(false)
  sessions.forget('p2', 'u1')
  expect(finds('u1', 's1')).toBe(true)
})

test('while endings are not heard nothing is answered and nothing is learnt', async () => {
  await learn('u1', 's1')
  hearing = false
  expect(finds('u1', 's1')).toBe(false)
  await learn('u2', 's2')
  hearing = true
  expect([finds('u1', 's1'), finds('u2', 's2')]).toEqual([true, false])
})

test('users and the sessions of one user are bounded', async () => {
  for (let i = 0; i < 5; i += 1) await learn(`u${i}`, 's')
  expect(sessions.size).toBe(3)
  expect([finds('u1', 's'), finds('u2', 's'), finds('u4', 's')]).toEqual([false, true, true])
  for (let i = 0; i < 150; i += 1) await learn('u4', `s${i}`)
  expect([finds('u4', 's0'), finds('u4', 's149')]).toEqual([false, true])
})
