import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

// A data plane that lost its channel may sign with the old key for 30 s more: the margin in staged-rotation.ts, and 2 s for this program's
// own sampling.
const MARGIN_SECONDS = 35 + 2
const ROTATE_EVERY_MS = 20_000
const TTL_SECONDS = 60
const SECRET_NAMES = ['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT', 'AUTH_JWT_SECRET_PREVIOUS']

export interface RotationTally {
  rotations: number
  verified: number
  refusedThoughValid: number
  /** Tokens made with a key that has run out, their signature right and their times good. */
  deadTried: number
  deadAccepted: number
  /** New tokens that an instance which reads every variable could not check with those of its boot. */
  unknownToReaderOfAll: number
  /**
   * New tokens that an instance which reads AUTH_JWT_SECRET only could not check; it is out of the traffic while it is restarted, as the
   * plan says.
   */
  unknownToReaderOfOne: number
  /** New tokens that the second kind was shown. */
  shownToReaderOfOne: number
  unexpected: string[]
  keys: number
  p50: number
  p99: number
}

interface Answer {
  status: number
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any
}

async function call(method: string, url: string, body?: unknown, bearer?: string): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.json() }
}

const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
const sign = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('base64url')

/**
 * P11. Verifies over all data planes while the secret is rotated every 20 s, with an instance that reads every variable and one that reads
 * the first, both run as the plan says. Every token that has not expired must verify; a token signed with a key that has run out must not.
 * Tokens live for 60 s, so the first key is dead after two minutes.
 */
export async function verifyThroughRotations({ controlUrl, planeUrls, apiKey, verifies, ratePerSecond }: {
  controlUrl: string
  planeUrls: readonly string[]
  apiKey: string
  verifies: number
  ratePerSecond: number
}): Promise<RotationTally> {
  const api = (method: string, path: string, body?: unknown) => call(method, `${controlUrl}/api/v1${path}`, body, apiKey)
  const project = (await api('POST', '/projects', { name: 'Rotation' })).body.data.id as string
  await api('POST', `/projects/${project}/auth`, { allow_signups: true, providers: ['email'], access_token_ttl_seconds: TTL_SECONDS })
  const urls = planeUrls.map((url) => `${url}/${project}`)
  const boot = async (reads: readonly string[]) => (await api('POST', `/projects/${project}/instances`, { reads })).body.data as { id: string; env: Record<string, string> }
  const secrets = new Set<string>()
  const learn = (env: Record<string, string>) => {
    for (const name of SECRET_NAMES) if (env[name]) secrets.add(env[name])
  }
  let readerOfAll = await boot(SECRET_NAMES)
  let readerOfOne = await boot(SECRET_NAMES.slice(0, 1))
  let oneInTraffic = true
  learn(readerOfAll.env)

  let session = (await call('POST', `${urls[0]}/signup`, { email: 'load@example.com', password: 'a long enough password' })).body
  const tokens: { token: string; kid: string; exp: number }[] = []
  const secretOfKid = new Map<string, string>()
  const lastIssued = new Map<string, number>()
  const keep = (token: string) => {
    const [header, payload, signature] = token.split('.') as [string, string, string]
    const kid = decode(header)['kid'] as string
    const exp = decode(payload)['exp'] as number
    tokens.push({ token, kid, exp })
    lastIssued.set(kid, Math.max(lastIssued.get(kid) ?? 0, exp))
    for (const secret of secrets) if (!secretOfKid.has(kid) && sign(secret, `${header}.${payload}`) === signature) secretOfKid.set(kid, secret)
  }
  keep(session.access_token)

  const tally = {
    rotations: 0,
    verified: 0,
    refusedThoughValid: 0,
    deadTried: 0,
    deadAccepted: 0,
    unknownToReaderOfAll: 0,
    unknownToReaderOfOne: 0,
    shownToReaderOfOne: 0,
    unexpected: [] as string[],
  }
  let running = true

  const refreshing = (async () => {
    for (let turn = 0; running; turn++) {
      const answer = await call('POST', `${urls[turn % urls.length]}/refresh`, { refresh_token: session.refresh_token })
      if (answer.status === 200) {
        session = answer.body
        keep(session.access_token)
        // The application's own check, with the variables that this boot was given.
        const [header, payload, signature] = session.access_token.split('.') as [string, string, string]
        const knows = ({ env }: { env: Record<string, string> }, names: readonly string[]) =>
          names.some((name) => env[name] !== undefined && sign(env[name], `${header}.${payload}`) === signature)
        if (!knows(readerOfAll, SECRET_NAMES)) tally.unknownToReaderOfAll += 1
        if (oneInTraffic) {
          tally.shownToReaderOfOne += 1
          if (!knows(readerOfOne, SECRET_NAMES.slice(0, 1))) tally.unknownToReaderOfOne += 1
        }
      } else tally.unexpected.push(`refresh ${answer.status} ${JSON.stringify(answer.body)}`)
      await sleep(250)
    }
  })()

  const end = (id: string) => api('DELETE', `/projects/${project}/instances/${id}`)
  const rotating = (async () => {
    while (running) {
      for (let waited = 0; waited < ROTATE_EVERY_MS && running; waited += 500) {
        await sleep(500)
        if (waited % 5_000 === 0) for (const { id } of [readerOfAll, readerOfOne]) await api('POST', `/projects/${project}/instances/${id}/heartbeat`, {})
      }
      if (!running) break
      const rotated = await api('POST', `/projects/${project}/auth/secret/rotate`, {})
      if (rotated.status >= 300) tally.unexpected.push(`rotate ${rotated.status} ${JSON.stringify(rotated.body)}`)
      tally.rotations += 1
      // What the plan waits for and can be helped now: instances that do not have the next secret. A rolling deploy, the new one first.
      await sleep(2_000)
      const next = await boot(SECRET_NAMES)
      learn(next.env)
      const old = readerOfAll.id
      readerOfAll = next
      await end(old)
      const plan = (await api('GET', `/projects/${project}/auth/secret/rotation`)).body.data.rotation
      const toRestart = (plan?.restart_after_switch ?? []).map(({ id }: { id: string }) => id)
      if (toRestart.join() !== readerOfOne.id) tally.unexpected.push(`the plan is to restart ${toRestart.join()}, not ${readerOfOne.id}`)
      // The plan for the other kind: out of the traffic, switch, restart, back.
      oneInTraffic = false
      await sleep(300)
      const switched = await api('POST', `/projects/${project}/auth/secret/rotation/switch`)
      if (switched.body.data?.rotation?.state !== 'done') tally.unexpected.push(`switch ${switched.status} ${JSON.stringify(switched.body)}`)
      await end(readerOfOne.id)
      readerOfOne = await boot(SECRET_NAMES.slice(0, 1))
      // As long as a process takes to start.
      await sleep(1_000)
      oneInTraffic = true
    }
  })()

  /** A token of a key whose last one ran out longer ago than the margin: it must be dead, however good the rest of it is. */
  const deadToken = (likeness: string, nowSeconds: number): string | null => {
    const gone = [...lastIssued].filter(([kid, exp]) => exp < nowSeconds - MARGIN_SECONDS && secretOfKid.has(kid)).map(([kid]) => kid)
    const kid = gone[Math.floor(Math.random() * gone.length)]
    if (kid === undefined) return null
    const payload = decode(likeness.split('.')[1] ?? '')
    const text = [{ alg: 'HS256', typ: 'at+jwt', kid }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    return `${text}.${sign(secretOfKid.get(kid) ?? '', text)}`
  }

  const started = performance.now()
  const latencies: number[] = []
  const inFlight = new Set<Promise<void>>()
  for (let sent = 0; sent < verifies; sent++) {
    const early = started + (sent * 1000) / ratePerSecond - performance.now()
    if (early > 1) await sleep(early)
    const nowSeconds = Date.now() / 1000
    while (tokens.length > 1 && (tokens[0]?.exp ?? 0) < nowSeconds + 2) tokens.shift()
    const picked = tokens[Math.floor(Math.random() * tokens.length)]
    if (!picked) break
    const dead = sent % 10 === 0 ? deadToken(picked.token, nowSeconds) : null
    const at = performance.now()
    const verify = call('POST', `${urls[sent % urls.length]}/verify`, { token: dead ?? picked.token }).then(
      ({ status, body }) => {
        latencies.push(performance.now() - at)
        if (dead !== null) {
          tally.deadTried += 1
          if (status === 200) tally.deadAccepted += 1
        } else if (status === 200) tally.verified += 1
        else if (picked.exp > Date.now() / 1000) {
          tally.refusedThoughValid += 1
          tally.unexpected.push(`verify ${status} ${JSON.stringify(body)}`)
        }
      },
      (error: unknown) => void tally.unexpected.push(String(error)),
    )
    inFlight.add(verify)
    void verify.finally(() => inFlight.delete(verify))
  }
  await Promise.all(inFlight)
  running = false
  await Promise.all([refreshing, rotating])
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? NaN
  return { ...tally, keys: lastIssued.size, p50: at(0.5), p99: at(0.99) }
}
