import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { collectMetrics } from './metrics.js'
import { createHttpServer } from './http-server.js'
import { createMetricsServer, listenForMetrics } from './metrics-server.js'
import { createLogger } from './request-log.js'

const logger = createLogger({ service: 'metrics-test', level: 'fatal' })
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

async function takenPort(): Promise<number> {
  const other = createServer()
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  undo.push(() => new Promise((done) => other.close(done)))
  const address = other.address()
  return typeof address === 'object' && address ? address.port : 0
}

function metricsServer() {
  const server = createMetricsServer(collectMetrics(createHttpServer({ logger }), { service: 'metrics-test' }).registry, logger)
  undo.push(() => server.close())
  return server
}

test('where the usual port is taken, metrics are served on a free one', async () => {
  const port = await takenPort()
  const server = metricsServer()
  await listenForMetrics(server, { host: '127.0.0.1', port }, port, logger)
  const at = server.server.address()
  const own = typeof at === 'object' && at ? at.port : 0
  expect(own).not.toBe(port)
  expect((await fetch(`http://127.0.0.1:${own}/metrics`)).status).toBe(200)
})

test('a port that was chosen and is taken ends the start', async () => {
  const port = await takenPort()
  await expect(listenForMetrics(metricsServer(), { host: '127.0.0.1', port }, port + 1, logger)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
