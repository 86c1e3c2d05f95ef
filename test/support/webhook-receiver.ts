import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
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

/** A server that takes webhooks as `answer` says: a status, at once or later, or `hang`. */
export async function startReceiver(answer: (received: Received) => Said | Promise<Said> = () => 200) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      const one = { headers: request.headers, body, message: JSON.parse(body) as unknown, at: performance.now() }
      received.push(one)
      const said = answer(one)
      if (said instanceof Promise) void said.then((late) => say(response, late))
      else say(response, said)
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

function say(response: ServerResponse, said: Said): void {
  if (said === 'hang') return
  const { status, body = 'taken', headers = {} } = typeof said === 'number' ? { status: said } : said
  response.writeHead(status, headers).end(body)
}

/** Throws unless both libraries of the field take the message, unmodified. */
export function verifyWithTheirs({ headers, body }: Received, secret: string): void {
  const given = Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]))
  new Webhook(secret).verify(body, given)
  new Svix(secret).verify(body, given)
}
