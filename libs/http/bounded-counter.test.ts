import { expect, test } from 'vitest'
import { createHttpServer } from './http-server.js'
import { collectMetrics } from './metrics.js'
import { createLogger } from './request-log.js'

test('a label that somebody outside fills makes a bounded number of series, and loses no count', async () => {
  const metrics = collectMetrics(createHttpServer({ logger: createLogger({ service: 'test', level: 'fatal' }) }), { service: 'test' })
  const mails = metrics.counter('mails_total', 'Mails.', ['result', 'reason'])
  mails.inc({ result: 'sent', reason: 'sent' })
  // What a mail server of a customer's own can say.
  for (let code = 0; code < 5_000; code += 1) mails.inc({ result: 'dead', reason: `smtp_550_5.${code % 1000}.${Math.floor(code / 1000)}` })
  mails.inc({ result: 'sent', reason: 'sent' })
  const page = await metrics.registry.getSingleMetricAsString('mails_total')
  const lines = page.split('\n').filter((line) => line.startsWith('mails_total{'))
  const counted = new Map(lines.map((line) => [/reason="([^"]*)"/.exec(line)?.[1], Number(line.split(' ').at(-1))]))
  expect(counted.size).toBeLessThanOrEqual(101)
  expect(counted.get('sent')).toBe(2)
  expect([...counted.values()].reduce((sum, value) => sum + value, 0)).toBe(5_002)
})
