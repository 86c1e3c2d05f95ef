import { lookup } from 'node:dns/promises'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { EXIT, toCliError } from '../cli-error.js'
import { LIMIT_MS, failed, ok, skipped, warning, type Finding } from './doctor-finding.js'

const CLOCK_WARNING_SECONDS = 5
const CLOCK_FAILURE_SECONDS = 60

export async function ready(url: string, fix: string): Promise<Finding> {
  let answer: Response
  try {
    answer = await fetch(`${url}/health/ready`, { redirect: 'error', signal: AbortSignal.timeout(LIMIT_MS) })
    await answer.arrayBuffer()
  } catch (error) {
    return failed(toCliError(error, url).message, fix, EXIT.network)
  }
  if (answer.ok) return ok(`${url} is ready`)
  if (answer.status === 404)
    return warning(`${url} answers, but has no /health/ready`, 'Is this Portico? A proxy may be hiding the health routes, which is fine.')
  return failed(
    `${url} answers ${answer.status}: not ready`,
    'It runs but misses something, most often its database: see its log and the checks below.',
    EXIT.server,
  )
}

/** Eight bytes that every PostgreSQL answers with one letter, before any login. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

export async function database(url: string | undefined): Promise<Finding> {
  if (!url) return skipped('DATABASE_URL is not set: the embedded PostgreSQL is used')
  if (!URL.canParse(url)) return failed('DATABASE_URL is not a URL', 'postgres://user:password@host:5432/database')
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (!host) return skipped('DATABASE_URL names a socket, not a host')
  const place = `${host}:${port || '5432'}`
  try {
    const answer = await exchange(connectTcp({ host, port: Number(port || 5432) }), SSL_REQUEST, 1)
    if (/^[SN]/.test(answer)) return ok(`PostgreSQL answers at ${place}${answer.startsWith('S') ? ', with TLS' : ''}`)
    return failed(`what listens at ${place} is not PostgreSQL`, 'Correct host and port in DATABASE_URL.')
  } catch (error) {
    return failed(`${place}: ${(error as Error).message}`, 'Start PostgreSQL, open the firewall, or correct DATABASE_URL.', EXIT.network)
  }
}

export async function redis(url: string | undefined): Promise<Finding> {
  if (!url) return skipped('REDIS_URL is not set: queue and limits use PostgreSQL')
  // Who to ask, and what for, the services know: here would be one of several.
  if (/^rediss?-(cluster|sentinel):/.test(url)) return skipped('a cluster or Sentinel: see `redis` and `queue` in GET /health/ready of the services')
  if (!URL.canParse(url)) return failed('REDIS_URL is not a URL', 'redis://host:6379 or rediss://…')
  const { protocol, hostname, port, username, password } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '') || '127.0.0.1'
  const target = { host, port: Number(port || 6379) }
  const place = `${host}:${target.port}`
  const words = (...given: string[]) => `*${given.length}\r\n${given.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
  const login = password ? words('AUTH', ...(username ? [decodeURIComponent(username)] : []), decodeURIComponent(password)) : ''
  try {
    const socket = protocol === 'rediss:' ? connectTls({ ...target, servername: host }) : connectTcp(target)
    const answer = await exchange(socket, Buffer.from(login + words('PING')), 5)
    if (answer.includes('+PONG')) return ok(`Redis answers at ${place}`)
    if (/NOAUTH|WRONGPASS/.test(answer))
      return failed(`Redis at ${place} refuses the password`, 'Correct the password in REDIS_URL.', EXIT.auth)
    return failed(`what listens at ${place} does not answer PING`, 'Correct host and port in REDIS_URL.')
  } catch (error) {
    return failed(`${place}: ${(error as Error).message}`, 'Start Redis, correct REDIS_URL, or unset it to use PostgreSQL.', EXIT.network)
  }
}

/** Sends once, and answers what came back once there are `enough` bytes. */
function exchange(socket: Socket, request: Buffer, enough: number): Promise<string> {
  return new Promise((done, fail) => {
    let received = ''
    const finish = (settle: () => void) => {
      socket.destroy()
      settle()
    }
    socket.setTimeout(LIMIT_MS, () => finish(() => fail(new Error(`no answer within ${LIMIT_MS / 1000} s`))))
    socket.once('error', (error) =>
      finish(() => fail(new Error(error.message || (error as NodeJS.ErrnoException).code || 'connection failed'))),
    )
    socket.once('close', () => done(received))
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      // The answer to AUTH may come in a packet of its own.
      if (received.length >= enough && (!received.startsWith('+OK') || received.includes('PONG') || received.includes('-')))
        finish(() => done(received))
    })
    socket.write(request)
  })
}

export async function resend(env: NodeJS.ProcessEnv): Promise<Finding> {
  const key = env['RESEND_API_KEY']
  if (!key)
    return env['PORTICO_ENV'] === 'production'
      ? warning('RESEND_API_KEY is not set: no mail is sent', 'Make a key at https://resend.com/api-keys.')
      : skipped('RESEND_API_KEY is not set: mails wait in `portico inbox`')
  if (!/^re_\S+$/.test(key))
    return failed('RESEND_API_KEY does not look like one', 'Resend keys start with re_; look for quotes and spaces around it.')
  if (!env['RESEND_FROM_APP_AUTH']?.includes('@'))
    return failed(
      'RESEND_FROM_APP_AUTH is not an address',
      "Set it to an address of a domain verified at Resend, such as 'Acme <auth@acme.example>'.",
    )
  const url = env['RESEND_BASE_URL'] || 'https://api.resend.com'
  try {
    const answer = await fetch(`${url.replace(/\/+$/, '')}/domains`, {
      headers: { authorization: `Bearer ${key}` },
      redirect: 'error',
      signal: AbortSignal.timeout(LIMIT_MS),
    })
    const body = await answer.text()
    // Keys that may only send are refused here in a way that shows that they are known.
    if (answer.ok || body.includes('restricted_api_key')) return ok('Resend accepts the key')
    if (answer.status === 401 || answer.status === 403 || body.includes('invalid_api_key'))
      return failed('Resend refuses the key', 'Make a new one at https://resend.com/api-keys.', EXIT.auth)
    return warning(`Resend answers ${answer.status}`, 'See https://resend-status.com; mails wait and are tried again for 23 hours.')
  } catch (error) {
    return failed(toCliError(error, 'Resend').message, 'Allow outgoing HTTPS to api.resend.com.', EXIT.network)
  }
}

export async function dns(urls: (string | null | undefined)[]): Promise<Finding> {
  const hosts = [
    ...new Set(
      urls.filter((url): url is string => Boolean(url) && URL.canParse(url!)).map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')),
    ),
  ]
  const names = hosts.filter((host) => !/^[\d.]+$|:/.test(host))
  if (names.length === 0) return skipped('only addresses, no names')
  const unresolved: string[] = []
  for (const name of names) await lookup(name).catch(() => unresolved.push(name))
  if (unresolved.length > 0)
    return failed(`no address for ${unresolved.join(', ')}`, 'Add an A or AAAA record, or wait until it has spread.', EXIT.network)
  return ok(names.join(', '))
}

export async function clock(url: string): Promise<Finding> {
  try {
    const before = Date.now()
    const answer = await fetch(`${url}/health/live`, { redirect: 'error', signal: AbortSignal.timeout(LIMIT_MS) })
    await answer.arrayBuffer()
    const theirs = Date.parse(answer.headers.get('date') ?? '')
    if (Number.isNaN(theirs)) return skipped('the control plane sends no Date header')
    // The header has whole seconds: half of one is added on average.
    const seconds = Math.abs((before + Date.now()) / 2 - (theirs + 500)) / 1000
    const message = `${seconds.toFixed(1)} s from the control plane's`
    if (seconds < CLOCK_WARNING_SECONDS) return ok(message)
    const fix = 'Turn time synchronisation on (timedatectl set-ntp true) on both machines: tokens are checked against the clock.'
    return seconds < CLOCK_FAILURE_SECONDS ? warning(message, fix) : failed(message, fix)
  } catch {
    return skipped('the control plane does not answer')
  }
}
