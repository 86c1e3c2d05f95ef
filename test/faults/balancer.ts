import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Balancer {
  url: string
  /** In rotation as soon as it says that it is ready. */
  add(target: { url: string; port: number }): void
  remove(target: { port: number }): void
  close(): Promise<void>
}

const POLL_MS = 100

/**
 * What stands before data planes in production: asks each for `/health/ready`, sends requests to those that say yes, over connections that
 * are kept. A request goes elsewhere only when its connection was refused, so that nothing of it was sent; one that broke half way is
 * broken for the client.
 */
export async function startBalancer(): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 })
  const targets = new Map<number, { url: string; ready: boolean }>()
  let turn = 0

  const poll = setInterval(() => {
    for (const target of targets.values()) {
      fetch(`${target.url}/health/ready`, { signal: AbortSignal.timeout(1_000) }).then(
        async (answer) => {
          await answer.text()
          target.ready = answer.ok
        },
        () => void (target.ready = false),
      )
    }
  }, POLL_MS)

  const server = createServer((client, answer) => {
    const chunks: Buffer[] = []
    client.on('data', (chunk: Buffer) => chunks.push(chunk))
    client.on('end', () => {
      turn += 1
      const ready = [...targets].filter(([, target]) => target.ready).map(([port]) => port)
      const order = [...ready.slice(turn % Math.max(1, ready.length)), ...ready.slice(0, turn % Math.max(1, ready.length))]
      forward(client, Buffer.concat(chunks), answer, order)
    })
  })

  function forward(client: IncomingMessage, body: Buffer, answer: ServerResponse, [port, ...others]: number[]): void {
    if (port === undefined) return void answer.destroy()
    const onward = httpRequest(
      { agent, host: '127.0.0.1', port, method: client.method, path: client.url, headers: client.headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
        response.on('error', () => answer.destroy())
      },
    )
    onward.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' && !answer.headersSent) forward(client, body, answer, others)
      else answer.destroy()
    })
    onward.end(body)
  }

  server.listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: ({ url, port }) => void targets.set(port, { url, ready: false }),
    remove: ({ port }) => void targets.delete(port),
    close: async () => {
      clearInterval(poll)
      agent.destroy()
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}
