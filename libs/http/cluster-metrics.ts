import type { Worker } from 'node:cluster'
import { AuthError } from '@portico/kernel/auth-error'
import { AggregatorRegistry, Gauge, Registry, type MetricObject } from 'prom-client'
import type { Metrics, MetricsText } from './metrics.js'

const QUESTION = 'metrics?'
const ANSWER_MS = 2_000

interface Answer {
  answer: typeof QUESTION
  figures: MetricObject[]
}

const isAnswer = (message: unknown): message is Answer =>
  typeof message === 'object' && message !== null && (message as { answer?: unknown }).answer === QUESTION

/** In one of several processes of a cluster: answers its primary. */
export function offerMetrics({ registry }: Metrics): void {
  process.on('message', (message) => {
    if (message !== QUESTION) return
    void registry.getMetricsAsJSON().then((figures) => process.send?.({ answer: QUESTION, figures }))
  })
}

/**
 * In the primary: the figures of its processes as one, and its own below them. prom-client's own question also goes to processes that have
 * just begun and cannot answer yet, and then nobody gets an answer for five seconds.
 */
export function clusterMetrics(
  service: string,
  processes: () => Iterable<Worker>,
  own: readonly { name: string; help: string; read: () => number }[],
): MetricsText {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  for (const { name, help, read } of own) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
  return {
    contentType: registry.contentType,
    metrics: async () => {
      const answers = await Promise.all([...processes()].map(ask))
      const theirs = AggregatorRegistry.aggregate(answers.filter((figures) => figures !== null))
      return `${await theirs.metrics()}\n${await registry.metrics()}`
    },
  }
}

/** `null`: it ended meanwhile. Throws `unavailable` when it lives and does not answer: figures without its own would mislead. */
function ask(worker: Worker): Promise<MetricObject[] | null> {
  return new Promise((done, fail) => {
    const end = (settle: () => void) => {
      clearTimeout(late)
      worker.off('message', onMessage).off('exit', onExit)
      settle()
    }
    const late = setTimeout(() => end(() => fail(new AuthError('unavailable'))), ANSWER_MS)
    const onMessage = (message: unknown) => {
      if (isAnswer(message)) end(() => done(message.figures))
    }
    const onExit = () => end(() => done(null))
    worker.on('message', onMessage).on('exit', onExit)
    if (worker.isConnected()) worker.send(QUESTION)
    else onExit()
  })
}
