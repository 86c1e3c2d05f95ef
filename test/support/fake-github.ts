import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeGithub {
  /** For `base_url`: the shape of a GitHub Enterprise Server. */
  url: string
  user: { id: number; login: string; name: string | null; email: string | null }
  emails: { email: string; primary: boolean; verified: boolean }[]
  /** What the list of addresses answers: a GitHub App without the permission gets 403 or 404. */
  emailsStatus: number
  /** Instead of the user: a status, or another body. */
  userAnswer: unknown
  /** Sends the browser straight back, as GitHub does for an app that was authorized before. */
  close(): Promise<void>
}

/** What GitHub answers, in its own peculiar ways: token errors with status 200, no ID token, addresses in a list of their own. */
export async function startFakeGithub(client: { id: string; secret: string }): Promise<FakeGithub> {
  const codes = new Map<string, { challenge: string | null; redirectUri: string | null }>()
  const tokens = new Set<string>()
  let count = 0
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', running.url)
    const json = (body: unknown, status = 200) =>
      void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
    if (url.pathname === '/login/oauth/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '')
      const code = `code-${(count += 1)}`
      codes.set(code, { challenge: url.searchParams.get('code_challenge'), redirectUri: url.searchParams.get('redirect_uri') })
      back.searchParams.set('code', code)
      back.searchParams.set('state', url.searchParams.get('state') ?? '')
      return void response.writeHead(302, { location: back.href }).end()
    }
    if (url.pathname === '/login/oauth/access_token') {
      return void body(request).then((text) => {
        const form = new URLSearchParams(text)
        if (form.get('client_id') !== client.id || form.get('client_secret') !== client.secret)
          return json({ error: 'incorrect_client_credentials' })
        const known = codes.get(form.get('code') ?? '')
        if (!known || known.redirectUri !== form.get('redirect_uri') || !form.get('code_verifier'))
          return json({ error: 'bad_verification_code', error_description: 'x' })
        codes.delete(form.get('code') ?? '')
        const token = `gho_${(count += 1)}`
        tokens.add(token)
        return json({ access_token: token, token_type: 'bearer', scope: 'read:user,user:email' })
      })
    }
    if (!tokens.has((request.headers.authorization ?? '').replace(/^Bearer /, ''))) return json({ message: 'Bad credentials' }, 401)
    if (url.pathname === '/api/v3/user' && running.userAnswer !== null) {
      return typeof running.userAnswer === 'number' ? json({ message: 'no' }, running.userAnswer) : json(running.userAnswer)
    }
    if (url.pathname === '/api/v3/user') return json({ ...running.user, avatar_url: 'https://avatars.example/1' })
    if (url.pathname === '/api/v3/user/emails')
      return running.emailsStatus === 200
        ? json(running.emails)
        : json({ message: 'Resource not accessible by integration' }, running.emailsStatus)
    return json({ message: 'Not Found' }, 404)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const running: FakeGithub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    user: { id: 1, login: 'octocat', name: null, email: null },
    emails: [],
    emailsStatus: 200,
    userAnswer: null,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
  return running
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
