import type { ProjectScope } from '@portico/database/project-scope'
import type { MailEnd } from '@portico/end-user/records/outbox-row.store'
import { AuthError } from '@portico/kernel/auth-error'
import { expect, test } from 'vitest'
import { MailEnds } from './mail-ends.js'
import { Slots } from './slots.js'

const scope = (projectId: string) => ({ projectId }) as ProjectScope
const end = (id: string): MailEnd => ({ id, status: 'sent' })

test('ends of one project within a moment are written together, those of another apart', async () => {
  const written: string[] = []
  const ends = new MailEnds(
    async ({ projectId }, list) => void written.push(`${projectId}: ${list.map(({ id }) => id).join(' ')}`),
    () => undefined,
  )
  await Promise.all([ends.record(scope('a'), end('1')), ends.record(scope('b'), end('2')), ends.record(scope('a'), end('3'))])
  await ends.record(scope('a'), end('4'))
  expect(written).toEqual(['a: 1 3', 'b: 2', 'a: 4'])
})

test('an end that the database refuses does not take its neighbours with it; without the database all fail', async () => {
  const written: string[] = []
  const refused: string[] = []
  const ends = new MailEnds(
    async (_scope, list) => {
      if (list.some(({ id }) => id === 'bad')) throw new Error('invalid input')
      written.push(...list.map(({ id }) => id))
    },
    ({ id }) => void refused.push(id),
  )
  await Promise.all(['1', 'bad', '2'].map((id) => ends.record(scope('a'), end(id))))
  expect([written, refused]).toEqual([['1', '2'], ['bad']])
  const lost = new MailEnds(() => Promise.reject(new AuthError('unavailable')), () => undefined)
  const results = await Promise.allSettled([lost.record(scope('a'), end('1')), lost.record(scope('a'), end('2'))])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('the end of a mail that went out is recorded when the database is back a moment later', async () => {
  const written: string[] = []
  let tries = 0
  const ends = new MailEnds(async (_scope, list) => {
    if ((tries += 1) <= 2) throw new AuthError('unavailable')
    written.push(...list.map(({ id }) => id))
  }, () => undefined)
  await Promise.all([ends.record(scope('a'), end('1')), ends.record(scope('a'), end('2'))])
  expect([tries, written]).toEqual([3, ['1', '2']])
})

test('slots are given in order, never more than there are, and come back after a failure', async () => {
  const slots = new Slots(2)
  let inside = 0
  let most = 0
  const order: number[] = []
  const results = await Promise.allSettled(
    [1, 2, 3, 4, 5].map((each) =>
      slots.run(async () => {
        order.push(each)
        most = Math.max(most, (inside += 1))
        await new Promise((resolve) => setTimeout(resolve, 5))
        inside -= 1
        if (each === 2) throw new Error('no')
      }),
    ),
  )
  expect([order, most, results.map(({ status }) => status)]).toEqual([
    [1, 2, 3, 4, 5],
    2,
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  ])
})
