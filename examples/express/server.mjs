// A guest book: pages made by the server, sessions in cookies, and no line of JavaScript in the browser.
import { randomBytes } from 'node:crypto'
import { cookieSessions, sessionOf } from '@portico/auth/express'
import express from 'express'

// AUTH_URL and AUTH_JWT_SECRET are injected by `portico run`.
const { PORT = '3000', APP_URL = `http://localhost:${PORT}`, PORTICO_COOKIE_SECRET = randomBytes(32).toString('hex') } = process.env
const entries = []

const app = express()
app.disable('x-powered-by')
app.use((_request, response, next) => {
  response.set({ 'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'", 'X-Content-Type-Options': 'nosniff' })
  next()
})
app.use(cookieSessions({ appUrl: APP_URL, secret: PORTICO_COOKIE_SECRET, protect: ['/write'] }))

app.get('/', (request, response) => {
  const session = sessionOf(request)
  const who = session
    ? `<p>${escaped(session.claims.email)} · <a href="/write">Write</a></p><form method="post" action="/auth/sign-out"><button>Sign out</button></form>`
    : '<p><a href="/auth/sign-in?next=/write">Sign in</a> or <a href="/auth/sign-up?next=/write">sign up</a> to write.</p>'
  const list = entries.map(({ text, by }) => `<li>${escaped(text)} <small>${escaped(by)}</small></li>`).join('')
  response.send(page(`<h1>Guest book</h1>${who}<ul>${list}</ul>`))
})

app.get('/write', (_request, response) => {
  response.send(page('<h1>Write</h1><form method="post"><label>Text <input name="text" required maxlength="200"></label> <button>Save</button></form>'))
})

app.post('/write', express.urlencoded({ extended: false, limit: '8kb' }), (request, response) => {
  const text = typeof request.body?.text === 'string' ? request.body.text.trim().slice(0, 200) : ''
  if (text !== '') entries.unshift({ text, by: sessionOf(request).claims.email })
  response.redirect(303, '/')
})

const page = (body) => `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Guest book</title>
<style>body{font:1rem/1.5 system-ui;max-width:36rem;margin:2rem auto;padding:0 1rem}small{color:#5b6270}</style><main>${body}</main></html>`

const escaped = (text) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const server = app.listen(Number(PORT), 'localhost', () => console.log(`Guest book: http://localhost:${server.address().port}`))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (server.close(), server.closeIdleConnections()))
