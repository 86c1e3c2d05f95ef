import type { HookName } from '@portico/kernel/hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { call, PASSWORD, startDataPlane, type Answer, type RunningDataPlane } from '../../support/data-plane.js'
import { startReceiver } from '../../support/webhook-receiver.js'

/** One connection to the database is enough, however many sign-ins wait for an app: what is held while somebody waits would show. */
let plane: TestControlPlane
let data: RunningDataPlane
let agrees: Awaited<ReturnType<typeof startReceiver>>
beforeAll(async () => {
  agrees = await startReceiver(() => ({ status: 200, body: '{"decision":"allow"}' }))
  plane = await startControlPlane()
  data = await startDataPlane(plane.database, { databasePoolSize: 1 })
})
afterAll(async () => {
  await data?.close()
  await plane?.stop()
  await agrees?.close()
})

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
let people = 0
interface Somebody {
  base: string
  email: string
  token: string
}
const post = (base: string, path: string, body: object, more: object = {}) => call(`${base}/${path}`, { body, ...more })
const logIn = ({ base, email }: Somebody, agent = 'curl/8') =>
  post(base, 'login', { email, password: PASSWORD }, { headers: { 'user-agent': agent } })

async function somebody(project: string): Promise<Somebody> {
  const base = `${data.url}/${project}`
  const email = `person${(people += 1)}@example.com`
  const made = await post(base, 'signup', { email, password: PASSWORD }, { headers: { 'user-agent': 'curl/8' } })
  expect(made.status, made.text).toBe(201)
  return { base, email, token: made.body.access_token as string }
}

/** What makes each hook be asked, by somebody who was there before it was set. */
const ACTS: Partial<Record<HookName, (who: Somebody) => Promise<Answer>>> = {
  before_sign_up: ({ base }) => post(base, 'signup', { email: `person${(people += 1)}@example.com`, password: PASSWORD }),
  before_sign_in: (who) => logIn(who),
  before_password_change: ({ base, token }) => post(base, 'password', { current_password: PASSWORD, password: 'another horse 9!x' }, { token }),
  token_claims: (who) => logIn(who),
  on_new_device: (who) => logIn(who, FIREFOX),
}
/** A project whose hook is answered until it is set to another address: devices, too, are known from then on. */
async function projectThatAsks(hook: string): Promise<string> {
  const project = await makeProject(plane, { enable: true })
  expect((await set(project, hook, { url: agrees.url })).status).toBe(200)
  return project
}
const set = (project: string, hook: string, body: object) => plane.call('PUT', `projects/${project}/hooks/${hook}`, body)

describe.each(Object.entries(ACTS))('%s', (hook, act) => {
  test('while it hangs nothing is held: with one connection another project signs in', async () => {
    const [own, other] = [await projectThatAsks(hook), await makeProject(plane, { enable: true })]
    const hangs = await startReceiver(() => 'hang')
    const waiting = [await somebody(own), await somebody(own), await somebody(own)]
    const neighbour = await somebody(other)
    await set(own, hook, { url: hangs.url })
    const acts = waiting.map(act)
    await expect.poll(() => hangs.received.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3)
    expect((await logIn(neighbour)).status).toBe(200)
    await hangs.close()
    expect(new Set((await Promise.all(acts)).map(({ status }) => status))).toEqual(new Set([503]))
  })

  test.each([['deny', 503], ['allow', 200]] as const)('without an answer, on_failure %s', async (onFailure, status) => {
    const own = await projectThatAsks(hook)
    const broken = await startReceiver(() => 500)
    const who = await somebody(own)
    await set(own, hook, { url: broken.url, on_failure: onFailure })
    const answer = await act(who)
    expect(broken.received.map(({ message }) => message.type)).toEqual([hook, hook])
    expect(Math.floor(answer.status / 100) * 100, answer.text).toBe(Math.floor(status / 100) * 100)
    if (status === 503) expect([answer.body.error.code, answer.headers.get('retry-after')]).toEqual(['unavailable', '5'])
    await broken.close()
  })
})
