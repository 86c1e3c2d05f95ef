import { PASSWORD, accessToken, limitSessions, makeSessions } from './stand.mjs'

const JSON_TYPE = 'content-type: application/json'
const OIDC_CLIENT = `client_id=bench&client_secret=${'c'.repeat(43)}`
const post = (path, body, headers = JSON_TYPE) => `POST\t${path}\t${headers}\t${typeof body === 'string' ? body : JSON.stringify(body)}`
const get = (path, headers) => `GET\t${path}\t${headers}\t`

/**
 * Rows of the table. `load` answers the arguments of load.lua for one contestant, fresh for every run; `goals` are the ratios to reach:
 * Portico's throughput against the other's. The first contestant is Portico.
 */
export function scenarios({ stand, project, kid, peers }) {
  let file = 0
  const lines = async (mode, list) => [mode, await stand.file(`load${(file += 1)}.txt`, list)]
  const users = (count) => Array.from({ length: count }, (_, index) => `user${index + 1}@example.com`)
  const logins = (path) => users(200).map((email) => post(path, { email, password: PASSWORD }))
  const sessions = (count) => makeSessions(stand, project, count)
  const tokens = async (count, sessionCount) => {
    const made = await sessions(sessionCount)
    return Array.from({ length: count }, (_, index) => accessToken(stand, project, made[index % made.length], kid))
  }
  const bearer = (token) => `authorization: Bearer ${token}`
  const at = project.path
  const betterLogin = (email) =>
    post('/api/auth/sign-in/email', { email, password: PASSWORD }, `${JSON_TYPE}|Origin: ${peers.betterAuth.url}`)
  const chain = async (list, path, type, before, after) => [
    'chain',
    await stand.file(`load${(file += 1)}.txt`, list),
    'POST',
    path,
    type,
    before,
    after,
  ]

  return [
    {
      name: 'login',
      slow: true,
      contestants: {
        portico: () => lines('list', logins(`${at}/login`)),
        limit: () => lines('list', logins('/login')),
        hash: () => lines('list', [post('/hash', { password: PASSWORD })]),
        betterAuth: () => lines('list', Array.from({ length: 20 }, (_, index) => betterLogin(`seed${index}@example.com`))),
      },
      goals: { hash: 0.9, betterAuth: 8 },
    },
    {
      name: 'signup',
      slow: true,
      contestants: {
        portico: () => lines('unique', [post(`${at}/signup`, { email: 'new@N@@example.com', password: PASSWORD })]),
        limit: () => lines('unique', [post('/signup', { email: 'new@N@@example.com', password: PASSWORD })]),
        hash: () => lines('list', [post('/hash', { password: PASSWORD })]),
        betterAuth: () => lines('unique', [post('/api/auth/sign-up/email', { email: 'new@N@@example.com', password: PASSWORD, name: 'N' }, `${JSON_TYPE}|Origin: ${peers.betterAuth.url}`)]),
      },
      goals: { hash: 0.85, betterAuth: 8 },
    },
    {
      name: 'verify, token not seen before',
      contestants: {
        portico: async () => lines('list', (await tokens(40_000, 1_000)).map((token) => post(`${at}/verify`, { token }))),
        // As many lines: a list that the load generator's caches cannot hold costs it, and thereby every contestant, half its speed.
        post: async () => lines('list', (await tokens(40_000, 1_000)).map((token) => post('/post', { token }))),
        betterAuthSession: () => lines('list', peers.cookies.map((cookie) => get('/api/auth/get-session', `cookie: ${cookie}`))),
        oidcIntrospection: () => lines('list', peers.accessTokens.map((token) => post('/token/introspection', `token=${token}&${OIDC_CLIENT}`, 'content-type: application/x-www-form-urlencoded'))),
      },
      goals: { post: 0.5, betterAuthSession: 15 },
    },
    {
      name: 'verify, token seen before',
      contestants: {
        portico: async () => lines('list', (await tokens(500, 500)).map((token) => post(`${at}/verify`, { token }))),
        post: async () => lines('list', (await tokens(500, 500)).map((token) => post('/post', { token }))),
      },
      goals: { post: 0.65 },
    },
    {
      name: 'GET /user',
      contestants: {
        portico: async () => lines('list', (await tokens(1_000, 1_000)).map((token) => get(`${at}/user`, bearer(token)))),
        limit: async () => lines('list', (await limitSessions(stand, 1_000)).map((made) => get('/user', bearer(made.accessToken)))),
        betterAuthSession: () => lines('list', peers.cookies.map((cookie) => get('/api/auth/get-session', `cookie: ${cookie}`))),
      },
      goals: { limit: 0.8, betterAuthSession: 12 },
    },
    {
      name: 'refresh',
      contestants: {
        portico: async () =>
          chain(
            (await sessions(1_000)).map((made) => made.refreshToken),
            `${at}/refresh`,
            'application/json',
            '{"refresh_token":"',
            '"}',
          ),
        limit: async () =>
          chain(
            (await limitSessions(stand, 1_000)).map((made) => made.refreshToken),
            '/refresh',
            'application/json',
            '{"refresh_token":"',
            '"}',
          ),
        oidc: async () =>
          chain(
            await peers.refreshTokens(300),
            '/token',
            'application/x-www-form-urlencoded',
            `grant_type=refresh_token&${OIDC_CLIENT}&refresh_token=`,
            '',
          ),
        betterAuthRenewing: () =>
          lines(
            'list',
            peers.renewingCookies.map((cookie) => get('/api/auth/get-session', `cookie: ${cookie}`)),
          ),
      },
      goals: { limit: 0.95, oidc: 5, betterAuthRenewing: 10 },
    },
    {
      name: 'password-reset request',
      contestants: {
        portico: () => lines('list', users(1_000).map((email) => post(`${at}/password-reset`, { email }))),
        limit: () => lines('list', users(1_000).map((email) => post('/reset', { email }))),
      },
      goals: {},
    },
  ]
}

/** Which running server a contestant is. */
export const SERVER_OF = {
  portico: 'portico', limit: 'limit', hash: 'limit', post: 'limit', betterAuth: 'betterAuth', betterAuthSession: 'betterAuth',
  betterAuthRenewing: 'betterAuthRenewing', oidc: 'oidc', oidcIntrospection: 'oidc',
}

export const LABEL = {
  portico: 'Portico',
  limit: 'the limit',
  hash: 'pure argon2id',
  post: 'a bare Fastify POST',
  betterAuth: 'Better Auth',
  betterAuthSession: 'Better Auth, session read',
  betterAuthRenewing: 'Better Auth, renewing session read',
  oidc: 'oidc-provider',
  oidcIntrospection: 'oidc-provider, introspection',
}
