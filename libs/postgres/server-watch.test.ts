import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { RequestBudget } from './request-budget.js'
import { NotAskedError, REQUEST_LIMIT_MS, ServerWatch } from './server-watch.js'

const SILENCE = new Error('Query read timeout')
const REFUSED = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })

const ASKING = { probe: false, connecting: false }

/** A watch on a clock of the test, and waits of a given length. */
function watched() {
  let now = 1_000
  const watch = new ServerWatch({ now: () => now })
  const wait = (ms: number, error?: Error, connecting = false): void => {
    const begunAt = now
    const limit = watch.limitMs(begunAt, { probe: false, connecting })
    const budget = watch.begin(begunAt)
    now += ms
    watch.end(budget, begunAt, error === undefined || error instanceof pg.DatabaseError)
    if (error) watch.failed({ begunAt, limit, connecting }, error)
  }
  const probe = (ms: number, error?: Error): void => {
    const begunAt = now
    const limit = watch.limitMs(begunAt, { probe: true, connecting: true })
    const budget = watch.begin(begunAt)
    now += ms
    watch.end(budget, begunAt, error === undefined)
    if (error) watch.failed({ begunAt, limit, connecting: true }, error)
  }
  const left = (connecting = false) => watch.limitMs(now, { probe: false, connecting })
  return { watch, wait, probe, pass: (ms: number) => void (now += ms), left }
}

describe('the budget of a request', () => {
  const within = (watch: ServerWatch, work: () => void, isAnswered = () => false): void => {
    const budget = watch.open(isAnswered, false)
    expect(budget).not.toBeNull()
    watch.within(budget as RequestBudget, work)
  }

  test('is not carried while answers are quick', () => {
    const { watch, wait, left } = watched()
    wait(5)
    expect(watch.open(() => false, false)).toBeNull()
    expect(left()).toBe(REQUEST_LIMIT_MS)
  })

  test('is what all its waits without an answer have together; what it does between them costs nothing', () => {
    const { watch, wait, left, pass } = watched()
    wait(150)
    within(watch, () => {
      wait(700, SILENCE)
      pass(3_000)
      expect(left()).toBe(REQUEST_LIMIT_MS - 700)
      wait(750, SILENCE)
      expect(left()).toBe(50)
      wait(40, SILENCE)
      // Too little to be asked for: what is sent and not waited for may happen all the same.
      expect(() => left()).toThrow(NotAskedError)
    })
    // The next one has its own.
    within(watch, () => expect(left()).toBe(REQUEST_LIMIT_MS))
  })

  test('goes on while the server answers, however slowly; for a connection where none is free it has waited long enough', () => {
    const { watch, wait, left } = watched()
    wait(150)
    within(watch, () => {
      for (let times = 0; times < 10; times += 1) wait(400)
      expect(left()).toBe(REQUEST_LIMIT_MS)
      expect(left(true)).toBe(25)
      wait(600, SILENCE)
      expect(left()).toBe(REQUEST_LIMIT_MS - 600)
    })
    // Who carries none, and began before it was slow, goes on as well.
    expect(left()).toBe(REQUEST_LIMIT_MS - 600)
  })

  test('begins with what is left when the request has asked already: its counters, while its body came', () => {
    const { watch, wait, left } = watched()
    wait(1)
    wait(1_000, SILENCE)
    const late = watch.open(() => false, true)
    watch.within(late as RequestBudget, () => expect(left()).toBe(REQUEST_LIMIT_MS - 1_000))
    const fresh = watch.open(() => false, false)
    watch.within(fresh as RequestBudget, () => expect(left()).toBe(REQUEST_LIMIT_MS))
  })

  test('counts waits at the same time once', () => {
    const { watch, wait, left, pass } = watched()
    wait(150)
    within(watch, () => {
      const both = [watch.begin(watch.now()), watch.begin(watch.now())]
      const begunAt = watch.now()
      pass(400)
      for (const budget of both) watch.end(budget, begunAt, false)
      expect(left()).toBe(REQUEST_LIMIT_MS - 400)
    })
  })

  test('is over when an answer has begun: a stream asks on', () => {
    const { watch, wait, left } = watched()
    wait(150)
    let answered = false
    within(watch, () => {
      wait(1_490, SILENCE)
      expect(() => left()).toThrow(NotAskedError)
      answered = true
      expect(left()).toBe(REQUEST_LIMIT_MS)
    }, () => answered)
  })

  test('is carried no more when all has been quick for a while', () => {
    const { watch, wait, pass } = watched()
    wait(150)
    expect(watch.open(() => false, false)).not.toBeNull()
    pass(2_001)
    wait(1)
    expect(watch.open(() => false, false)).toBeNull()
  })

  test('work that several share is on the time of none, and each waits no longer than it has left', async () => {
    const watch = new ServerWatch()
    const begunAt = watch.now() - 150
    watch.end(watch.begin(begunAt), begunAt, true)
    const budget = watch.open(() => false, false) as RequestBudget
    budget.begin(watch.now() - (REQUEST_LIMIT_MS - 60))
    budget.end(watch.now(), false)
    const never = async (): Promise<never> => {
      expect(watch.limitMs(watch.now(), ASKING)).toBeGreaterThan(60)
      return new Promise(() => undefined)
    }
    const outcome = await new Promise<unknown>((settle) => {
      watch.within(budget, () => settle(watch.waiting(() => watch.outside(never)).catch((error: unknown) => error)))
    })
    expect(outcome).toBeInstanceOf(NotAskedError)
  })
})

test('a copy of the server is on the same budget, and gets a part of it, so that the server itself can still be asked', () => {
  let now = 1_000
  const watch = new ServerWatch({ now: () => now })
  const copy = watch.ofCopy()
  const wait = (of: ServerWatch, ms: number) => {
    const begunAt = now
    const budget = of.begin(begunAt)
    now += ms
    of.end(budget, begunAt, false)
  }
  wait(watch, 150)
  watch.within(watch.open(() => false, false) as RequestBudget, () => {
    expect(copy.limitMs(now, ASKING)).toBe(1_000)
    wait(copy, 1_000)
    expect(watch.limitMs(now, ASKING)).toBe(REQUEST_LIMIT_MS - 1_000)
    wait(watch, 350)
    expect(copy.limitMs(now, ASKING)).toBe(150)
  })
})

test('who was in work when answers stopped is held to the last one, over all that it asks', () => {
  const { wait, left, pass } = watched()
  wait(1)
  // The counters, given up; the hash; then a statement.
  wait(900, SILENCE)
  pass(300)
  expect(left()).toBe(REQUEST_LIMIT_MS - 1_200)
  wait(500, SILENCE)
  // Something, since the server may answer; a request of before has spent it after two or three.
  expect(left()).toBe(250)
  wait(20)
  // The next answer: the longest of the waits without one may have been this request's all the same.
  expect(left()).toBe(REQUEST_LIMIT_MS - 900)
  pass(2_001)
  expect(left()).toBe(REQUEST_LIMIT_MS)
})

test('also when others are answered quickly all the while, on connections that live on', () => {
  const { watch, wait, left, pass } = watched()
  const begunAt = watch.now()
  const budget = watch.begin(begunAt)
  for (let times = 0; times < 6; times += 1) {
    pass(190)
    wait(10)
  }
  watch.end(budget, begunAt, false)
  wait(5)
  expect(left()).toBe(REQUEST_LIMIT_MS - 1_200)
  // The counters give up after a second, and the request goes on.
  pass(2_001)
  watch.wasSlow(1_000)
  expect(left()).toBe(REQUEST_LIMIT_MS - 1_000)
})

test('who waits without a budget long after it became slow is no request of before: what looks after something has the whole time', () => {
  const { wait, left } = watched()
  for (let times = 0; times < 20; times += 1) wait(400, SILENCE)
  expect(left()).toBe(REQUEST_LIMIT_MS)
})

describe('a server that is away', () => {
  test.each([
    ['a connection is refused', REFUSED, true, true],
    ['no connection in time', new Error('timeout: no connection in time'), true, true],
    ['no answer in time', SILENCE, false, true],
    ['a connection is cut', Object.assign(new Error('read'), { code: 'ECONNRESET' }), false, false],
    ['the server is full', new pg.DatabaseError('full', 4, 'error'), true, false],
  ])('%s', (_, error, connecting, away) => {
    const { watch, wait } = watched()
    watch.willProbe()
    if (error instanceof pg.DatabaseError) error.code = '53300'
    wait(10, error, connecting)
    expect(watch.isAway).toBe(away)
  })

  test('is not one that answered somebody else meanwhile, as when a row is locked for long', () => {
    const { watch, wait, probe } = watched()
    watch.willProbe()
    const begunAt = watch.now()
    probe(5)
    watch.failed({ begunAt, limit: 1_000, connecting: false }, SILENCE)
    expect(watch.isAway).toBe(false)
    wait(5)
  })

  test('nor one that this process did not listen to, because it was busy', () => {
    const { watch, probe } = watched()
    watch.willProbe()
    probe(1_600, SILENCE)
    expect(watch.isAway).toBe(false)
    probe(1_001, SILENCE)
    expect(watch.isAway).toBe(true)
  })

  test('refuses all at once with the cause, until the probe is answered; connections of before are worth nothing', () => {
    const { watch, wait, probe, left } = watched()
    watch.willProbe()
    const before = watch.now()
    wait(10, REFUSED, true)
    expect(() => left()).toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }))
    expect(() => watch.requireThere()).toThrow(NotAskedError)
    expect(watch.lostAt).toBeGreaterThan(before)
    const lostAt = watch.lostAt
    probe(800, SILENCE)
    expect(watch.isAway).toBe(true)
    probe(10)
    expect(watch.isAway).toBe(false)
    expect(left()).toBeGreaterThan(0)
    expect(watch.lostAt).toBe(lostAt)
  })

  test('is never one that nobody probes: nobody would find it back', () => {
    const { watch, wait } = watched()
    wait(10, REFUSED, true)
    expect(watch.isAway).toBe(false)
  })
})
