import { createHttpServer } from '@portico/http/http-server'
import { createLogger } from '@portico/http/request-log'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { ProjectShares } from './project-shares.js'

const servers: FastifyInstance[] = []
afterEach(async () => {
  for (const server of servers) server.server.closeAllConnections()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** Six places; requests say in their path whose they are, and wait. */
async function serve() {
  let release = (): void => undefined
  let letIn = 0
  const held = new Promise<void>((resolve) => (release = resolve))
  const server = createHttpServer({ logger: createLogger({ service: 'probe', level: 'silent' }), maxInFlight: 6 })
  servers.push(server)
  const shares = new ProjectShares(server)
  server.addHook('onRequest', (request, _reply, done) => {
    const { project } = request.params as { project: string }
    done(shares.enter(request, project) ? undefined : (new AuthError('overloaded') as Error))
  })
  server.get('/:project', { config: { access: 'public' } }, () => {
    letIn += 1
    return held.then(() => ({}))
  })
  const url = await server.listen({ port: 0, host: '127.0.0.1' })
  return { ask: (project: string) => fetch(`${url}/${project}`).then(({ status }) => status), release: () => release(), letIn: () => letIn }
}

/** Grows as the answers come. */
function statusesOf(answers: Promise<number>[]): number[] {
  const seen: number[] = []
  for (const answer of answers) void answer.then((status) => seen.push(status))
  return seen
}

test('a storm of one project leaves half of the places to the others', async () => {
  const { ask, release, letIn } = await serve()
  const storm = Array.from({ length: 20 }, () => ask('a'))
  // Three are its half; the fourth finds the process busy, and so does every other.
  const refused = statusesOf(storm)
  await expect.poll(() => refused, { timeout: 10_000 }).toEqual(Array.from({ length: 17 }, () => 503))
  expect(letIn()).toBe(3)
  const others = [ask('b'), ask('c'), ask('b')]
  await expect.poll(letIn, { timeout: 10_000 }).toBe(6)
  release()
  expect(await Promise.all(others)).toEqual([200, 200, 200])
  expect((await Promise.all(storm)).filter((status) => status === 200)).toHaveLength(3)
  // The places are free again.
  expect(await Promise.all([ask('a'), ask('a'), ask('a')])).toEqual([200, 200, 200])
})
