import type { RouteEntry } from '@portico/http/route-table'
import { CONTROL_PLANE, DATA_PLANE, LAST, type Owned, type RouteSample, type Sample } from './route-samples.js'
import { bare, type RawAnswer, type RawRequest, type Stage, type TenantCredentials } from './two-tenants.js'

export type Plane = 'control' | 'data'

export interface ForeignCall {
  what: string
  request: RawRequest
  /** Whether an answer with 2xx is itself a leak. */
  mustRefuse: boolean
}

export const sampleOf = (plane: Plane, route: RouteEntry): RouteSample | undefined =>
  (plane === 'data' ? DATA_PLANE : CONTROL_PLANE)[nameOf(route)]

export const nameOf = (route: RouteEntry): string => `${route.method} ${route.path}`

export function inOrder(routes: RouteEntry[]): RouteEntry[] {
  const rank = (route: RouteEntry) => LAST.indexOf(nameOf(route))
  return routes.toSorted((x, y) => rank(x) - rank(y))
}

/** The request of a sample against the project or tenant of `target`, with the given credentials. */
export function build(plane: Plane, route: RouteEntry, sample: Sample, target: TenantCredentials, bearer: string | null): RawRequest {
  const filled = route.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(sample.params?.[name] ?? missing(route, name)))
  const path = plane === 'data' && filled.startsWith('/auth/') ? `/${target.projectId}${filled.slice('/auth'.length)}` : filled
  const query = sample.query ? `?${new URLSearchParams(sample.query)}` : ''
  const body = sample.form ? String(new URLSearchParams(sample.form)) : sample.body ? JSON.stringify(sample.body) : undefined
  return {
    method: route.method,
    path: path + query,
    headers: {
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      ...(sample.form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      ...sample.headers,
    },
    ...(body === undefined ? {} : { body }),
  }
}

function missing(route: RouteEntry, name: string): never {
  throw new Error(`the sample of ${nameOf(route)} has no parameter ${name}`)
}

/** Whether an owner's own request was answered as its sample says. */
export const isGood = (sample: RouteSample, status: number): boolean =>
  sample.own ? sample.own.includes(status) : status >= 200 && status < 300

/** The key or token that the owner itself calls the route with. */
export function ownBearer(plane: Plane, route: RouteEntry, sample: RouteSample, owned: Owned, operatorKey: string): string | null {
  if (plane === 'data') return route.access !== 'public' ? (sample.bearer?.(owned) ?? owned.person.accessToken) : null
  if (route.access === 'public') return null
  return sample.operator ? operatorKey : owned.tenant.apiKey
}

/** Everything that `mine` could try on this route with what belongs to `theirs`. */
function foreignCalls(plane: Plane, route: RouteEntry, sample: RouteSample, mine: Owned, theirs: Owned): ForeignCall[] {
  const own = sample.request(mine)
  const foreign = sample.request(theirs)
  const refuse = sample.foreign === 'refused'
  const calls: ForeignCall[] = []
  const add = (what: string, request: Sample, bearer: string | null, mustRefuse: boolean) =>
    calls.push({ what, request: build(plane, route, request, mine.tenant, bearer), mustRefuse })

  if (plane === 'data') {
    // Their token on my routes: refused wherever a token is needed, whatever else the request holds.
    const session = route.access !== 'public'
    for (const [what, bearer] of Object.entries({
      'access token': theirs.person.accessToken,
      'access token of two factors': theirs.person.guarded.accessToken,
      'refresh token': theirs.person.refreshToken,
      'API key': theirs.tenant.apiKey,
    })) {
      // On a public route the token stands alone: with my own values beside it the request would be mine.
      add(`their ${what}`, session ? own : bodiless(own), bearer, session || (refuse && own.body !== undefined && !sample.bodyOptional))
      add(`their ${what} with their request`, foreign, bearer, session || refuse)
    }
    const cookies = ['__Secure-portico-refresh', '__Host-portico-refresh'].map((name) => `${name}=${theirs.person.refreshToken}`).join('; ')
    add(
      'their cookies',
      { ...bodiless(own), headers: { cookie: cookies, origin: 'https://auth.test.example', 'sec-fetch-site': 'same-origin' } },
      null,
      session,
    )
    const myBearer = ownBearer(plane, route, sample, mine, '')
    for (const { what, request } of substitutions(own, foreign)) add(`my token with ${what}`, request, myBearer, refuse)
    calls.push(...mixedBases(route, own, mine, theirs))
  } else if (route.access === 'public') {
    add('their key', own, theirs.tenant.apiKey, false)
  } else {
    const differing = substitutions(own, foreign)
    for (const { what, request } of differing) add(`my key with ${what}`, request, mine.tenant.apiKey, refuse)
    if (differing.length === 0) add('my key', own, mine.tenant.apiKey, sample.operator === true)
    for (const [what, bearer] of Object.entries({
      'access token': theirs.person.accessToken,
      'signing secret': theirs.tenant.secret,
      'key id': theirs.tenant.keyId,
    })) {
      add(`their ${what} as a key`, foreign, bearer, true)
    }
  }
  return calls
}

function bodiless({ body: _body, form: _form, ...rest }: Sample): Sample {
  return { ...rest, body: {} }
}

/** A URL that names two projects must belong to neither. */
function mixedBases(route: RouteEntry, own: Sample, mine: Owned, theirs: Owned): ForeignCall[] {
  if (!route.path.startsWith('/auth/')) return []
  const request = build('data', route, own, mine.tenant, mine.person.accessToken)
  const rest = request.path.slice(`/${mine.tenant.projectId}`.length)
  const at = (what: string, path: string, headers: Record<string, string> = {}): ForeignCall => ({
    what,
    request: { ...request, path, headers: { ...request.headers, ...headers } },
    mustRefuse: true,
  })
  const me = mine.tenant.projectId
  const them = theirs.tenant.projectId
  return [
    ...['project', 'sandbox', 'deployment'].map((type) =>
      at(`my project with their ${type} below it`, `/${me}/app-auth/${type}/${them}${rest}`),
    ),
    at('their project with mine below it', `/${them}/app-auth/project/${me}${rest}`),
    at('my project on their domain', `/${me}${rest}`, { host: theirs.tenant.hostname }),
    at('their project on my domain', `/${them}${rest}`, { host: mine.tenant.hostname }),
    at('my project, dots to theirs', `/${me}/../${them}${rest}`),
    at('my project, encoded dots to theirs', `/${me}/%2e%2e/${them}${rest}`),
    at('my project, doubled slash', `//${them}${rest}`, { host: mine.tenant.hostname }),
  ]
}

interface Leaf {
  place: 'params' | 'query' | 'body' | 'form' | 'headers'
  name: string
  value: unknown
}

export function leavesOf(sample: Sample): Leaf[] {
  return (['params', 'query', 'body', 'form', 'headers'] as const).flatMap((place) =>
    Object.entries(sample[place] ?? {}).map(([name, value]) => ({ place, name, value })),
  )
}

export function withLeaf(sample: Sample, leaf: Leaf): Sample {
  return { ...sample, [leaf.place]: { ...sample[leaf.place], [leaf.name]: leaf.value } }
}

/** My request with one of its values replaced by theirs, for each value that differs, and with all of them. */
function substitutions(own: Sample, foreign: Sample): { what: string; request: Sample }[] {
  const mine = new Map(leavesOf(own).map((leaf) => [`${leaf.place}.${leaf.name}`, leaf.value]))
  const differing = leavesOf(foreign).filter(
    (leaf) => JSON.stringify(mine.get(`${leaf.place}.${leaf.name}`)) !== JSON.stringify(leaf.value),
  )
  const single = differing.map((leaf) => ({ what: `their ${leaf.name}`, request: withLeaf(own, leaf) }))
  return differing.length > 1 ? [...single, { what: 'all of theirs', request: foreign }] : single
}

/** What belongs to the tenant, and stays the same for every route; the rest are a person's, who is new for each. */
export function credentialsOfTenant(tenant: TenantCredentials): Record<string, string> {
  return {
    'tenant id': tenant.tenantId,
    'project id': tenant.projectId,
    'second project id': tenant.secondProjectId,
    'key id': tenant.keyId,
    'instance id': tenant.instanceId,
    'webhook id': tenant.webhookId,
    'webhook delivery id': tenant.webhookDeliveryId,
    'tenant webhook id': tenant.tenantWebhookId,
    'tenant webhook delivery id': tenant.tenantDeliveryId,
    'webhook replay id': tenant.webhookReplayId,
    'tenant webhook replay id': tenant.tenantReplayId,
    'domain id': tenant.domainId,
    'domain name': tenant.hostname,
    'API key': tenant.apiKey,
    'signing secret': tenant.secret,
    'signing key id': tenant.kid,
    'bare project id': bare(tenant.projectId),
    'bare key id': bare(tenant.keyId),
    'bare instance id': bare(tenant.instanceId),
    'project id in capitals': tenant.projectId.toUpperCase(),
    'project id with a space': ` ${tenant.projectId}`,
  }
}

/** Everything that can be copied out of one project and used in another, by what it is. */
export function credentialsOf({ tenant, person }: Owned): Record<string, string | Record<string, unknown>> {
  const { signIn, guarded } = person
  return {
    ...credentialsOfTenant(tenant),
    'e-mail address': person.email, password: person.password, 'user id': person.userId, 'session id': person.sessionId, 'second session id': person.secondSessionId,
    'access token': person.accessToken, 'refresh token': person.refreshToken,
    'refresh cookie': `__Secure-portico-refresh=${person.refreshToken}; __Host-portico-refresh=${person.refreshToken}`,
    'access token without its signature': `${person.accessToken.split('.').slice(0, 2).join('.')}.`,
    'access token with algorithm none': `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${person.accessToken.split('.')[1]}.`,
    ...Object.fromEntries(
      Object.entries(person.oneTimeTokens).map(([purpose, token]) => [`link to ${purpose.replaceAll('_', ' ')}`, token]),
    ),
    'magic link': signIn.magicLink,
    'mailed code': signIn.emailCode,
    'exchange code': signIn.exchangeCode,
    'verifier of an exchange code': signIn.exchangeVerifier,
    'code of a new identity': signIn.linkCode,
    'verifier of a new identity': signIn.linkVerifier,
    'ticket of a new identity': signIn.linkTicket,
    'subject of an identity': signIn.subject,
    'OAuth state': signIn.oauthState,
    'OAuth state cookie': signIn.oauthCookie,
    'code of a provider': signIn.oauthCode,
    'new factor id': signIn.newFactorId,
    'TOTP code': signIn.newFactorCode,
    'passkey registration': signIn.registration,
    'user id of two factors': guarded.userId,
    'access token of two factors': guarded.accessToken,
    'factor id': guarded.factorId,
    'recovery code': guarded.recoveryCode,
    'MFA token': guarded.mfaToken,
    'passkey id': guarded.passkeyId,
    'credential id of a passkey': guarded.credentialId,
    'passkey assertion': guarded.assertion,
  }
}

/** Six digits turn up by chance; the others are known to both, or are part of something here. */
const NOT_SECRET = new Set([
  'e-mail address',
  'mailed code',
  'TOTP code',
  'subject of an identity',
  'domain name',
  'project id with a space',
  'project id in capitals',
  'refresh cookie',
])

/** Strings of theirs that no answer may hold, unless the request itself did. */
function secretsOf(theirs: Owned): string[] {
  const captured = Object.entries(credentialsOf(theirs)).filter(([what]) => !NOT_SECRET.has(what))
  const strings = captured.map(([, value]) => value).filter((value) => typeof value === 'string')
  // An id is the same with and without what it is.
  return [...strings.map((text) => text.replace(/^[a-z]+_(?=[0-9a-f]{8}-)/, '')), theirs.tenant.marker]
}

function readable(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** A browser that comes back from a provider is sent on to its app with the bad news (RFC 6749, 4.1.2.1). */
function refusedByRedirect({ status, headers }: RawAnswer): boolean {
  return (
    status === 302 &&
    typeof headers['location'] === 'string' &&
    new URL(headers['location'], 'https://auth.test.example').searchParams.has('error')
  )
}

/** What is wrong with the answer to a foreign call, or null. */
export function judge(call: ForeignCall, answer: RawAnswer, theirs: Owned): string | null {
  const sent = `${readable(call.request.path)} ${JSON.stringify(call.request.headers)} ${readable(call.request.body ?? '')}`.toLowerCase()
  const shown = `${answer.text} ${JSON.stringify(answer.headers)}`
  if (answer.status >= 500) return `answered ${answer.status}`
  if (call.mustRefuse && ![400, 401, 403, 404, 415, 422].includes(answer.status) && !refusedByRedirect(answer))
    return `answered ${answer.status}: ${answer.text.slice(0, 300)}`
  const leaked = secretsOf(theirs).find((secret) => shown.includes(secret) && !sent.includes(secret.toLowerCase()))
  return leaked === undefined ? null : `showed ${leaked}: ${answer.text.slice(0, 300)}`
}

/** Tries one route from `mine` against `theirs`; answers the failures and how many calls there were. */
export async function tryRoute(
  stage: Stage,
  plane: Plane,
  route: RouteEntry,
  mine: Owned,
  theirs: Owned,
): Promise<{ calls: number; failures: string[] }> {
  const sample = sampleOf(plane, route)
  if (!sample) return { calls: 0, failures: [`${nameOf(route)} has no sample request: add one to test/isolation/route-samples.ts`] }
  const failures: string[] = []
  const before = await stage.checksum(theirs.tenant)
  const calls = foreignCalls(plane, route, sample, mine, theirs)
  for (const call of calls) {
    const problem = judge(call, await stage.send(plane, call.request), theirs)
    if (problem) failures.push(`${plane} ${nameOf(route)}, ${call.what}: ${problem}`)
  }
  const after = await stage.checksum(theirs.tenant)
  if (after !== before) failures.push(`${plane} ${nameOf(route)} changed rows of another project: ${difference(before, after)}`)
  return { calls: calls.length, failures }
}

export function difference(before: string, after: string): string {
  const old = new Set(before.split('\n'))
  return after.split('\n').filter((line) => !old.has(line)).map((line) => line.split(' ')[0]).join(', ')
}
