import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook as Svix } from 'svix'
import { Webhook } from 'standardwebhooks'

export interface Received {
  headers: IncomingHttpHeaders
  body: string
  // Tests look into messages of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  message: any
  at: number
}

type Said = number | 'hang' | { status: number; body?: string; headers?: Record<string, string> }

/** A server that takes webhooks as `answer` says: a status, a time to wait first, or `hang`. */
export async function startReceiver(answer: (received: Received) => Said = () => 200) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      const one = { headers: request.headers, body, message: JSON.parse(body) as unknown, at: performance.now() }
      received.push(one)
      const said = answer(one)
      if (said === 'hang') return
      const { status, body: text = 'taken', headers = {} } = typeof said === 'number' ? { status: said } : said
      response.writeHead(status, headers).end(text)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    types: () => received.map(({ message }) => message.type as string),
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Throws unless both libraries of the field take the message, unmodified. */
export function verifyWithTheirs({ headers, body }: Received, secret: string): void {
  const given = Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]))
  new Webhook(secret).verify(body, given)
  new Svix(secret).verify(body, given)
}
