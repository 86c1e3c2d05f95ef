import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeCaptcha {
  /** For `PORTICO_CAPTCHA_VERIFY_URL`. */
  url: string
  /** What was asked, oldest first. */
  asked: URLSearchParams[]
  /** `down`: 500; `hang`: no answer. */
  state: 'up' | 'down' | 'hang'
  close(): Promise<void>
}

/** Siteverify as Turnstile and hCaptcha have it: a solved token works once, with the right secret. */
export async function startFakeCaptcha({ secret, solved }: { secret: string; solved: string[] }): Promise<FakeCaptcha> {
  const left = new Set(solved)
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
      running.asked.push(form)
      if (running.state === 'hang') return
      if (running.state === 'down') return void response.writeHead(500).end('oops')
      const answer =
        form.get('secret') !== secret
          ? { success: false, 'error-codes': ['invalid-input-secret'] }
          : left.delete(form.get('response') ?? '')
            ? { success: true, hostname: 'app.example' }
            : { success: false, 'error-codes': ['invalid-input-response'] }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const running: FakeCaptcha = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/siteverify`,
    asked: [],
    state: 'up',
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
  return running
}
