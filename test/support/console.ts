import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import type { ControlPlaneConfig } from '@portico/config/control-plane-config'
import { startControlPlane, testConsole, type Answer, type TestControlPlane } from './control-plane.js'
import { connect, type Connection } from './sql.js'

type Headers_ = Record<string, string | null>

/** A client with a jar, that says where its requests come from as a browser does, and follows no redirect. */
export interface ConsoleBrowser {
  call(method: string, path: string, body?: unknown, headers?: Headers_): Promise<Answer>
  cookie(name: string): string | null
}

export interface TestConsole {
  control: TestControlPlane
  sql: Connection
  publicUrl: string
  /** Of the console's project. */
  projectId: string
  /** The owner's browser and id, once `makeOwner` or a set-up gave them. */
  owner: ConsoleBrowser
  ownerId: string
  makeOwner(): Promise<void>
  browser(headers?: Record<string, string>, host?: string): ConsoleBrowser
  /** A start of one more process on the same database. */
  restart(config?: Partial<ControlPlaneConfig['console']>): Promise<TestControlPlane>
  /** An end user of the console's project, with a proven address and a password hash that fits nothing. */
  person(email: string): Promise<string>
  member(userId: string, role: string, options?: { tenantId?: string; breakGlass?: boolean }): Promise<void>
  homeTenantId(): Promise<string>
  signInUrl(browser: ConsoleBrowser, query?: string): Promise<URL>
  /** What the sign-in page would give: a one-time code of the console's project. */
  codeFor(userId: string, codeChallenge: string, amr?: string[]): Promise<string>
  /** The whole way, the page itself left out. */
  signIn(browser: ConsoleBrowser, userId: string, query?: string): Promise<Answer>
  liveSessions(userId: string): Promise<number>
  stop(): Promise<void>
}

export const PUBLIC_URL = 'https://control.example.test'

export interface StartConsoleOptions {
  console?: Partial<ControlPlaneConfig['console']>
  config?: Partial<ControlPlaneConfig>
}

export async function startConsole(options: StartConsoleOptions = {}): Promise<TestConsole> {
  const configOf = (change: Partial<ControlPlaneConfig['console']> = {}) => ({
    trustedProxyHops: 1,
    ...options.config,
    console: testConsole({ ...options.console, ...change }),
  })
  const control = await startControlPlane({ config: configOf() })
  const publicUrl = options.config?.publicUrl ?? PUBLIC_URL
  const sql = await connect(control.database.url)
  const { projectId } = await control.plane.useCases.consoleProject.ids()
  const others: TestControlPlane[] = []

  const stand: TestConsole = {
    control,
    sql,
    publicUrl,
    projectId,
    owner: jarAt(control.url, publicUrl),
    ownerId: '',
    async makeOwner() {
      stand.ownerId = await stand.person('owner@example.com')
      await stand.member(stand.ownerId, 'owner', { breakGlass: true })
      await stand.signIn(stand.owner, stand.ownerId)
    },
    browser: (headers, host) => jarAt(control.url, publicUrl, headers, host),
    async restart(change = {}) {
      const another = await startControlPlane({ beside: control, config: configOf(change) })
      others.push(another)
      return another
    },
    async person(email) {
      const id = randomUUID()
      await sql.query(
        `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, password_hash, created_at, updated_at)
         values ($1, $2, $3, $3, now(), 'x', now(), now())`,
        [projectId, id, email],
      )
      return id
    },
    async homeTenantId() {
      const [row] = await sql.query<{ id: string }>(`select id from platform.tenant where slug = 'default'`)
      return row!.id
    },
    async member(userId, role, { tenantId, breakGlass = false } = {}) {
      await sql.query(
        `insert into platform.member (tenant_id, user_id, role, break_glass, source, created_at, updated_at)
         values ($1, $2, $3, $4, 'team', now(), now())`,
        [tenantId ?? (await stand.homeTenantId()), userId, role, breakGlass],
      )
    },
    async signInUrl(visitor, query = '') {
      const away = await visitor.call('GET', `console/sign-in${query}`)
      if (away.status !== 302) throw new Error(`${away.status} ${away.text}`)
      return new URL(away.headers.get('location')!)
    },
    async codeFor(userId, codeChallenge, amr = ['pwd']) {
      const code = randomBytes(32).toString('base64url')
      await sql.query(
        `insert into auth.exchange_code (project_id, digest, end_user_id, purpose, amr, payload, code_challenge, created_at, expires_at)
         values ($1, $2, $3, 'sign_in', $4, '{}', $5, now(), now() + interval '2 minutes')`,
        [projectId, createHash('sha256').update(code).digest(), userId, amr, codeChallenge],
      )
      return code
    },
    async signIn(visitor, userId, query) {
      const url = await stand.signInUrl(visitor, query)
      const code = await stand.codeFor(userId, url.searchParams.get('code_challenge')!)
      return visitor.call('GET', `console/callback?code=${code}&state=${url.searchParams.get('state')}`)
    },
    async liveSessions(userId) {
      const text = 'select count(*)::integer as n from auth.session where end_user_id = $1 and ended_at is null'
      const [row] = await sql.query<{ n: number }>(text, [userId])
      return row!.n
    },
    async stop() {
      for (const other of others) await other.stop()
      await sql.close()
      await control.stop()
    },
  }
  return stand
}

/** A browser at a plane that believes to be at `publicUrl`. `onHttp`: it keeps no Secure cookie, as none does on http. */
export function jarAt(
  url: string,
  publicUrl: string,
  fixed: Record<string, string> = {},
  host = new URL(publicUrl).host,
  { onHttp = false } = {},
): ConsoleBrowser {
  const jar = new Map<string, string>()
  return {
    cookie: (name) => jar.get(name) ?? null,
    async call(method, path, body, headers = {}) {
      const cookies = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const origin = method === 'GET' ? null : new URL(publicUrl).origin
      const given: Headers_ = { origin, cookie: cookies, ...fixed, ...headers, host }
      const sent = Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => Boolean(pair[1])))
      const answer = await send(`${url}${path.startsWith('/') ? path : `/api/v1/${path}`}`, method, sent, body)
      for (const line of answer.headers.getSetCookie()) {
        if (onHttp && /; Secure(;|$)/i.test(line)) continue
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '') jar.delete(name)
        else jar.set(name, value)
      }
      return answer
    },
  }
}

/** `fetch` sets a Host of its own. */
function send(url: string, method: string, headers: Record<string, string>, body: unknown): Promise<Answer> {
  const isForm = body instanceof URLSearchParams
  const payload = body === undefined ? undefined : isForm ? body.toString() : JSON.stringify(body)
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
  const typed =
    payload === undefined ? headers : { ...headers, 'content-type': type, 'content-length': String(Buffer.byteLength(payload)) }
  return new Promise((done, fail) => {
    const sent = request(url, { method, headers: typed, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const got = new Headers()
        for (let i = 0; i < response.rawHeaders.length; i += 2) got.append(response.rawHeaders[i]!, response.rawHeaders[i + 1]!)
        // Lines of JSON are none.
        const json = /[/+]json\b/.test(got.get('content-type') ?? '')
        done({ status: response.statusCode ?? 0, body: json ? JSON.parse(text) : null, text, headers: got })
      })
    })
    sent.on('error', fail)
    sent.end(payload)
  })
}
