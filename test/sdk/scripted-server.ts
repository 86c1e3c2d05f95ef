import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: unknown
  at: number
}

export interface ScriptedAnswer {
  status?: number
  headers?: Record<string, string>
  body?: unknown
  /** Milliseconds before the answer. */
  delay?: number
  /** Breaks the connection instead of answering. */
  hangUp?: boolean
}

export interface ScriptedServer {
  url: string
  requests: SeenRequest[]
  close(): Promise<void>
}

/** A real HTTP server on a port of its own that answers what the test says, and remembers what it was asked. */
export async function startScriptedServer(
  answer: (request: SeenRequest, count: number) => ScriptedAnswer | Promise<ScriptedAnswer>,
): Promise<ScriptedServer> {
  const requests: SeenRequest[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const url = new URL(request.url ?? '/', 'http://server')
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
      at: Date.now(),
    }
    requests.push(seen)
    const { status = 200, headers = {}, body = {}, delay = 0, hangUp = false } = await answer(seen, requests.length)
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
    if (hangUp) return void request.socket.destroy()
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': `req-${requests.length}`, ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export function errorBody(code: string, more: object = {}) {
  return { error: { code, message: `It is ${code}.`, request_id: 'req-body', ...more } }
}
