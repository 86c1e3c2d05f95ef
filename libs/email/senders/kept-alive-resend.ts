import { request as plainRequest, Agent as PlainAgent, type IncomingMessage } from 'node:http'
import { request as tlsRequest, Agent as TlsAgent } from 'node:https'
import { Resend, type Response } from 'resend'

/** An answer is an id or an error of a few words. */
const MAX_ANSWER_BYTES = 64 * 1024
// Shorter than what servers usually allow: a request on a connection that is just being closed would have to be tried again.
const IDLE_MS = 4_000
const MAX_CONNECTIONS = 64

type Failure = Extract<Response<unknown>, { data: null }>

/**
 * The SDK over connections that stay open, with a time limit on every request, by Node's own client: it costs a third of what `fetch` does,
 * which was most of what a mail cost. What the answers mean is the SDK's business still: the shapes below are those of its own
 * `fetchRequest`.
 */
export class KeptAliveResend extends Resend {
  readonly #agents: { 'http:': PlainAgent; 'https:': TlsAgent }
  readonly #timeoutMs: number

  constructor(apiKey: string, { baseUrl, timeoutMs }: { baseUrl: string; timeoutMs: number }) {
    super(apiKey, { baseUrl })
    const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: IDLE_MS }
    this.#agents = { 'http:': new PlainAgent(options), 'https:': new TlsAgent(options) }
    this.#timeoutMs = timeoutMs
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  override async fetchRequest<T>(path: string, options: { method?: string; headers?: Headers; body?: string } = {}): Promise<Response<T>> {
    let answer: Answer
    try {
      answer = await this.#exchange(new URL(this.baseUrl + path), options)
    } catch (error) {
      return failure(null, error instanceof Error ? error.message : 'no answer', null)
    }
    const { status, headers, text } = answer
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch {
      return status >= 200 && status < 300
        ? failure(null, 'the answer is no JSON', null)
        : failure(status, 'the answer is no JSON', headers)
    }
    if (status >= 200 && status < 300) return { data: parsed as T, error: null, headers }
    return { data: null, error: parsed as Failure['error'], headers }
  }

  #exchange(url: URL, { method = 'GET', headers, body }: { method?: string; headers?: Headers; body?: string }): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:'
      const fields: Record<string, string | number> = Object.fromEntries(headers ?? [])
      if (body !== undefined) fields['content-length'] = Buffer.byteLength(body)
      const agent = this.#agents[secure ? 'https:' : 'http:']
      const outgoing = (secure ? tlsRequest : plainRequest)(url, { method, headers: fields, agent }, (incoming) => {
        read(incoming).then(resolve, reject).finally(() => clearTimeout(timer))
      })
      // Over all of it: an answer that drips must not hold its place.
      const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), this.#timeoutMs)
      outgoing.on('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
      outgoing.end(body)
    })
  }
}

interface Answer {
  status: number
  headers: Record<string, string>
  text: string
}

async function read(incoming: IncomingMessage): Promise<Answer> {
  const text = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size > MAX_ANSWER_BYTES) incoming.destroy(new Error('the answer is too long'))
    })
    incoming.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    incoming.on('error', reject)
    incoming.on('close', () => reject(new Error('the answer broke off')))
  })
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
  return { status: incoming.statusCode ?? 0, headers, text }
}

function failure(statusCode: number | null, message: string, headers: Record<string, string> | null): Failure {
  return { data: null, error: { statusCode, message, name: 'application_error' }, headers }
}
