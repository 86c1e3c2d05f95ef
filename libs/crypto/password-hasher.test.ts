import { hash as argon2Hash } from '@node-rs/argon2'
import { AuthError } from '@portico/kernel/auth-error'
import { describe, expect, test } from 'vitest'
import { PasswordHasher, type PasswordEngine } from './password-hasher.js'

const request = { projectId: 'p1' }

describe('hashing', () => {
  const hasher = new PasswordHasher()

  test('a password verifies against its own hash and no other does', async () => {
    const hash = await hasher.hash('correct horse', request)
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await hasher.verify(hash, 'correct horse', request)).toEqual({ ok: true, needsRehash: false })
    expect(await hasher.verify(hash, 'correct horsf', request)).toEqual({ ok: false, needsRehash: false })
  })

  test('the same password typed composed or decomposed is the same password', async () => {
    const hash = await hasher.hash('cafe\u0301 au lait', request)
    expect((await hasher.verify(hash, 'café au lait', request)).ok).toBe(true)
  })

  test('a right password under older parameters asks for a new hash, a wrong one does not', async () => {
    const old = await argon2Hash('correct horse', { memoryCost: 8_192, timeCost: 1, parallelism: 1 })
    expect(await hasher.verify(old, 'correct horse', request)).toEqual({ ok: true, needsRehash: true })
    expect(await hasher.verify(old, 'wrong horse', request)).toEqual({ ok: false, needsRehash: false })
  })

  test('a broken Unicode password never equals another broken one', async () => {
    const hash = await hasher.hash('bread\ufffdbutter', request)
    expect((await hasher.verify(hash, 'bread\ud800butter', request)).ok).toBe(false)
    await expect(hasher.hash('bread\ud800butter', request)).rejects.toMatchObject({ code: 'weak_password' })
  })

  test('a stored hash that is none is an error, not a wrong password', async () => {
    await expect(hasher.verify('not a hash', 'correct horse', request)).rejects.not.toMatchObject({ code: 'overloaded' })
    expect(hasher.stats()).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  test('the dummy hash matches no password, and a check against it costs about one hash of the same parameters', async () => {
    const hash = await hasher.hash('correct horse', request)
    const known: number[] = []
    const unknown: number[] = []
    for (let i = 0; i < 15; i++) {
      known.push(await duration(() => hasher.verify(hash, 'wrong horse', request)))
      unknown.push(await duration(() => hasher.verifyAgainstDummy('wrong horse', request)))
    }
    const ratio = Math.min(...unknown) / Math.min(...known)
    expect(ratio).toBeGreaterThan(0.5)
    expect(ratio).toBeLessThan(2)
    expect(await hasher.verifyAgainstDummy('', request)).toEqual({ ok: false, needsRehash: false })
  })
})

describe('taking another password', () => {
  test('a right one gives the hash of the next, a wrong one nothing, and a weak one is refused', async () => {
    const hasher = new PasswordHasher()
    const old = await hasher.hash('correct horse', request)
    const next = await hasher.verifyThenHash(old, 'correct horse', 'battery staple', request)
    expect(await hasher.verify(next!, 'battery staple', request)).toEqual({ ok: true, needsRehash: false })
    expect(await hasher.verifyThenHash(old, 'correct horsf', 'battery staple', request)).toBeNull()
    expect(await hasher.verifyThenHash(old, 'bread\ud800butter', 'battery staple', request)).toBeNull()
    await expect(hasher.verifyThenHash(old, 'correct horse', 'bread\ud800butter', request)).rejects.toMatchObject({ code: 'weak_password' })
  })

  test('waits for one turn, not for two', async () => {
    const { engine, finish, started } = manualEngine()
    const verify = async (_hash: string, password: string) => started.push(password) > 0
    const hasher = new PasswordHasher({ engine: { ...engine, verify }, maxInFlight: 1 })
    void hasher.hash('before', request)
    const changed = hasher.verifyThenHash('hash', 'old', 'new', request)
    void hasher.hash('after', request)
    for (let i = 0; i < 2; i++) await finish()
    expect(started).toEqual(['before', 'old', 'new', 'after'])
    expect(await changed).toBe('hash of new')
    await finish()
    expect(hasher.stats()).toMatchObject({ inFlight: 0, waiting: 0 })
  })
})

describe('the queue', () => {
  test('computes no more than the given number at a time', async () => {
    const { engine, finish, started } = manualEngine()
    const hasher = new PasswordHasher({ engine, maxInFlight: 2 })
    const all = ['a', 'b', 'c'].map((password) => hasher.hash(password, request))
    expect(started).toEqual(['a', 'b'])
    expect(hasher.stats()).toMatchObject({ inFlight: 2, waiting: 1 })
    await finish()
    expect(started).toEqual(['a', 'b', 'c'])
    await finish()
    await finish()
    await Promise.all(all)
    expect(hasher.stats()).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  test('leaves a thread of the pool to others on a machine with many cores', () => {
    const { engine, started } = manualEngine()
    const hasher = new PasswordHasher({ engine, threadPoolSize: 2 })
    for (const password of ['a', 'b']) void hasher.hash(password, request)
    expect(started).toEqual(['a'])
  })

  test('refuses with a time to come back when two seconds of work are waiting', async () => {
    const { engine } = manualEngine()
    const hasher = new PasswordHasher({ engine, maxInFlight: 1, perProjectShare: 1 })
    const room = Math.floor(2_000 / 12)
    for (let i = 0; i < room + 1; i++) void hasher.hash('x', request)
    expect(hasher.stats()).toMatchObject({ inFlight: 1, waiting: room })
    await expect(hasher.hash('x', request)).rejects.toMatchObject({ code: 'overloaded', status: 503, retryAfterSeconds: 2 })
    expect(hasher.stats()).toMatchObject({ waiting: room, refused: 1 })
    expect(() => hasher.hold(request)).toThrow(expect.objectContaining({ code: 'overloaded', retryAfterSeconds: 2 }))
    expect(hasher.stats()).toMatchObject({ waiting: room, refused: 2 })
  })

  test('lets fewer wait once hashing is seen to be slow', async () => {
    const { engine, finish } = manualEngine()
    let now = 0
    const hasher = new PasswordHasher({ engine, maxInFlight: 1, perProjectShare: 1, monotonicNow: () => now, minRoom: 0 })
    for (let i = 0; i < 60; i++) {
      const done = hasher.hash('x', request)
      now += 500
      await finish()
      await done
    }
    expect(hasher.stats().meanHashMs).toBeGreaterThan(480)
    for (let i = 0; i < 5; i++) void hasher.hash('x', request)
    await expect(hasher.hash('x', request)).rejects.toMatchObject({ code: 'overloaded' })
  })

  test('lets 64 callers of one project wait however slow hashing is, and computes for all of them', async () => {
    const { engine, finish, started } = manualEngine()
    let now = 0
    const hasher = new PasswordHasher({ engine, maxInFlight: 1, monotonicNow: () => now })
    const turn = async () => {
      now += 70
      await finish()
    }
    for (let i = 0; i < 60; i++) {
      void hasher.hash('slow', request)
      await turn()
    }
    expect(hasher.stats().meanHashMs).toBeGreaterThan(60)
    const all = Array.from({ length: 64 }, () => hasher.hash('x', request))
    hasher.hold(request).release()
    for (let i = 0; i < 64; i++) await turn()
    expect((await Promise.allSettled(all)).filter(({ status }) => status === 'rejected')).toEqual([])
    expect(started.filter((password) => password === 'x')).toHaveLength(64)
  })

  test('a held place counts like a waiting caller, and is honoured', async () => {
    const { engine, started, finish } = manualEngine()
    const hasher = new PasswordHasher({ engine, maxInFlight: 1, perProjectShare: 0.5, maxWaitMs: 0, minRoom: 4 })
    void hasher.hash('first', { projectId: 'a' })
    const places = [hasher.hold({ projectId: 'a' }), hasher.hold({ projectId: 'a' })]
    expect(hasher.stats()).toMatchObject({ inFlight: 1, waiting: 0, held: 2 })
    // Half of the queue is what one project gets, held or waiting.
    expect(() => hasher.hold({ projectId: 'a' })).toThrow(expect.objectContaining({ code: 'overloaded' }))
    await expect(hasher.hash('x', { projectId: 'a' })).rejects.toMatchObject({ code: 'overloaded' })
    const others = [hasher.hold({ projectId: 'b' }), hasher.hold({ projectId: 'c' })]
    expect(() => hasher.hold({ projectId: 'd' })).toThrow(expect.objectContaining({ code: 'overloaded' }))

    const promised = hasher.hash('promised', { projectId: 'a', place: places[0] })
    expect(hasher.stats()).toMatchObject({ waiting: 1, held: 3 })
    // Used once: the second hash with it takes its chance.
    await expect(hasher.hash('again', { projectId: 'a', place: places[0] })).rejects.toMatchObject({ code: 'overloaded' })
    for (const place of [...places, ...others]) place.release()
    expect(places[1]?.release()).toBe(false)
    expect(hasher.stats()).toMatchObject({ waiting: 1, held: 0 })
    await finish()
    await finish()
    await promised
    expect(started).toEqual(['first', 'promised'])
  })

  test('a held place pushes out the newest of the fullest project, like a waiting caller', async () => {
    const { engine } = manualEngine()
    const hasher = new PasswordHasher({ engine, maxInFlight: 1, perProjectShare: 1, maxWaitMs: 0, minRoom: 3 })
    const all = Array.from({ length: 4 }, () => hasher.hash('storm', { projectId: 'a' }))
    const place = hasher.hold({ projectId: 'b' })
    await expect(all[3]).rejects.toMatchObject({ code: 'overloaded' })
    expect(hasher.stats()).toMatchObject({ inFlight: 1, waiting: 2, held: 1 })
    expect(() => hasher.hold({ projectId: 'a' })).toThrow(expect.objectContaining({ code: 'overloaded' }))
    place.release()
  })

  test('gives projects turns, so that one with a long queue does not hold up another', async () => {
    const { engine, finish, started } = manualEngine()
    const hasher = new PasswordHasher({ engine, maxInFlight: 1 })
    for (const password of ['a1', 'a2', 'a3', 'a4']) void hasher.hash(password, { projectId: 'a' })
    void hasher.hash('b1', { projectId: 'b' })
    void hasher.hash('b2', { projectId: 'b' })
    for (let i = 0; i < 5; i++) await finish()
    expect(started).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4'])
  })

  test('never lets one project fill it', async () => {
    const { engine } = manualEngine()
    const hasher = new PasswordHasher({ engine, maxInFlight: 1, maxWaitMs: 120, minRoom: 0, perProjectShare: 0.5 })
    for (let i = 0; i < 6; i++) void hasher.hash('x', { projectId: 'a' })
    await expect(hasher.hash('x', { projectId: 'a' })).rejects.toMatchObject({ code: 'overloaded' })
    void hasher.hash('x', { projectId: 'b' })
    expect(hasher.stats()).toMatchObject({ waiting: 6 })
  })

  test('lets a quiet project in when it is full, and the fullest project gives way', async () => {
    const { engine } = manualEngine()
    const hasher = new PasswordHasher({ engine, maxInFlight: 1, maxWaitMs: 120, minRoom: 0, perProjectShare: 1 })
    const storm = Array.from({ length: 11 }, () => hasher.hash('x', { projectId: 'a' }))
    const newest = expect(storm[10]).rejects.toMatchObject({ code: 'overloaded' })
    void hasher.hash('x', { projectId: 'b' })
    await newest
    expect(hasher.stats()).toMatchObject({ waiting: 10, refused: 1 })
  })

  test('drops what its caller gave up on before it is computed', async () => {
    const { engine, finish, started } = manualEngine()
    const hasher = new PasswordHasher({ engine, maxInFlight: 1 })
    const abort = new AbortController()
    void hasher.hash('a', request)
    const given = hasher.hash('b', { ...request, signal: abort.signal })
    void hasher.hash('c', request)
    abort.abort()
    await expect(given).rejects.toMatchObject({ code: 'overloaded' })
    await expect(hasher.hash('d', { ...request, signal: abort.signal })).rejects.toMatchObject({ code: 'overloaded' })
    await finish()
    expect(started).toEqual(['a', 'c'])
  })

  test('refuses what waited far too long instead of computing a result that is not read', async () => {
    const { engine, finish, started } = manualEngine()
    let now = 0
    const hasher = new PasswordHasher({ engine, maxInFlight: 1, monotonicNow: () => now })
    void hasher.hash('a', request)
    const late = expect(hasher.hash('b', request)).rejects.toMatchObject({ code: 'overloaded' })
    now += 5_500
    await finish()
    await late
    expect(started).toEqual(['a'])
    expect(hasher.stats()).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  test('goes on after a failed computation', async () => {
    const failing: PasswordEngine = { hash: () => Promise.reject(new Error('broken')), verify: () => Promise.resolve(true) }
    const hasher = new PasswordHasher({ engine: failing, maxInFlight: 1 })
    const first = hasher.hash('a', request)
    const second = hasher.verify('h', 'b', request)
    await expect(first).rejects.toThrow('broken')
    expect((await second).ok).toBe(true)
  })
})

async function duration(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** An engine that computes when the test says so, oldest first. */
function manualEngine(): { engine: PasswordEngine; started: string[]; finish: () => Promise<void> } {
  const started: string[] = []
  const pending: Array<() => void> = []
  const engine: PasswordEngine = {
    hash: (password) => {
      started.push(password)
      return new Promise((resolve) => pending.push(() => resolve(`hash of ${password}`)))
    },
    verify: () => Promise.resolve(false),
  }
  const finish = async (): Promise<void> => {
    pending.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { engine, started, finish }
}

describe('what follows the hash would be refused anyway', () => {
  const away = () => {
    throw new AuthError('unavailable')
  }
  const counted = (require: () => void) => {
    const asked: string[] = []
    const engine: PasswordEngine = {
      hash: async (password) => (asked.push(password), 'hash'),
      verify: async (_, password) => (asked.push(password), true),
    }
    return { asked, hasher: new PasswordHasher({ engine, maxInFlight: 1, require }) }
  }

  test('nobody waits for a core, and none is taken', async () => {
    const { asked, hasher } = counted(away)
    await expect(hasher.hash('correct horse', request)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(hasher.verify('hash', 'correct horse', request)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(hasher.verifyAgainstDummy('correct horse', request)).rejects.toMatchObject({ code: 'unavailable' })
    expect(() => hasher.hold(request)).toThrow(AuthError)
    expect(asked).toEqual([])
  })

  test('also when that turned out while it waited; its place is free again', async () => {
    let isAway = false
    const { asked, hasher } = counted(() => void (isAway && away()))
    const first = hasher.hash('first', request)
    const second = hasher.hash('second', request)
    isAway = true
    await expect(second).rejects.toMatchObject({ code: 'unavailable' })
    await first
    expect(asked).toEqual(['first'])
    expect(hasher.stats()).toMatchObject({ inFlight: 0, waiting: 0 })
    isAway = false
    await expect(hasher.hash('third', request)).resolves.toBe('hash')
  })
})
