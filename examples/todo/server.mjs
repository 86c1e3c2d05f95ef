// A to-do list. Who somebody is comes from Portico, what they may see from PostgreSQL; this file asks neither twice.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { withClaims } from '@portico/auth/postgres'
import { TokenError, verifyToken } from '@portico/auth/server'
import pg from 'pg'

// Injected by `portico run`; verifyToken reads AUTH_URL and AUTH_JWT_SECRET by itself.
const { AUTH_URL, DATABASE_URL, PORT = '3000' } = process.env
if (!AUTH_URL) stop('AUTH_URL is missing. Start with: portico run --project proj_… -- node server.mjs')
if (!DATABASE_URL) stop("DATABASE_URL is missing: the app's own PostgreSQL database.")

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 5 })
// Without a listener a connection lost while idle would end the process.
pool.on('error', (error) => console.error(`database: ${error.message}`))

const FILES = {
  '/': ['./page.html', 'text/html; charset=utf-8'],
  '/page.js': ['./page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['./page.css', 'text/css; charset=utf-8'],
  '/portico-auth.js': [import.meta.resolve('@portico/auth/portico-auth.js'), 'text/javascript; charset=utf-8'],
}
const SECURITY_HEADERS = {
  'content-security-policy': `default-src 'self'; connect-src 'self' ${new URL(AUTH_URL).origin}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'`,
  // A mailed link has a token in its address: no other site may learn it.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
const MAX_BODY_BYTES = 16 * 1024
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Runs one statement as the user of the request: row security adds the `where owner = …`. */
const asUser = (claims, text, values) => withClaims(pool, claims, (client) => client.query(text, values), { role: 'todo_app' })

const ROUTES = {
  'GET /api/todos': async ({ claims }) => {
    const { rows } = await asUser(claims, 'select id, title, done from todo order by created_at, id')
    return [200, rows]
  },
  'POST /api/todos': async ({ claims, body }) => {
    const title = typeof body.title === 'string' ? body.title.trim() : ''
    if (title.length < 1 || title.length > 500) return [422, { error: 'A title has 1 to 500 characters.' }]
    const { rows } = await asUser(claims, 'insert into todo (title) values ($1) returning id, title, done', [title])
    return [201, rows[0]]
  },
  'PATCH /api/todos/:id': async ({ claims, body, id }) => {
    if (typeof body.done !== 'boolean') return [422, { error: 'done must be true or false.' }]
    const { rows } = await asUser(claims, 'update todo set done = $2 where id = $1 returning id, title, done', [id, body.done])
    return rows[0] ? [200, rows[0]] : [404, { error: 'There is no such item.' }]
  },
  'DELETE /api/todos/:id': async ({ claims, id }) => {
    const { rows } = await asUser(claims, 'delete from todo where id = $1 returning id', [id])
    return rows[0] ? [200, rows[0]] : [404, { error: 'There is no such item.' }]
  },
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    if (!(error instanceof TokenError)) console.error(error)
    send(response, error instanceof TokenError ? 401 : 500, {
      error: error instanceof TokenError ? 'Log in first.' : 'Something went wrong.',
    })
  })
})

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost')
  if (request.method === 'GET' && Object.hasOwn(FILES, pathname)) {
    const [file, type] = FILES[pathname]
    const content = await readFile(fileURLToPath(new URL(file, import.meta.url)))
    return void response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': type, 'cache-control': 'no-cache' }).end(content)
  }
  if (request.method === 'GET' && pathname === '/config.json') return send(response, 200, { auth_url: AUTH_URL })

  const [, todos, id] = /^(\/api\/todos)(?:\/([^/]+))?$/.exec(pathname) ?? []
  const route = todos && ROUTES[`${request.method} ${todos}${id === undefined ? '' : '/:id'}`]
  if (!route || (id !== undefined && !ID.test(id))) return send(response, 404, { error: 'There is nothing here.' })
  const claims = await verifyToken(/^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '')
  const body = request.method === 'POST' || request.method === 'PATCH' ? await readJson(request) : {}
  if (body === null) return send(response, 400, { error: 'Send a small JSON object.' })
  send(response, ...(await route({ claims, body, id })))
}

async function readJson(request) {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > MAX_BODY_BYTES) return null
  }
  try {
    const body = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : null
  } catch {
    return null
  }
}

function send(response, status, body) {
  if (response.headersSent) return void response.destroy()
  response
    .writeHead(status, { ...SECURITY_HEADERS, 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
}

function stop(message) {
  console.error(message)
  process.exit(1)
}

for (const file of [import.meta.resolve('@portico/auth/rls.sql'), './schema.sql']) {
  await pool.query(await readFile(fileURLToPath(new URL(file, import.meta.url)), 'utf8'))
}
server.listen(Number(PORT), 'localhost', () => console.log(`Todo: http://localhost:${server.address().port}`))

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => pool.end())
    server.closeIdleConnections()
  })
}
