// The README's story against a set-up that is reached as people reach it: HTTPS, by its host names, through whatever stands in front.
import { strict as assert } from 'node:assert'
import { createHmac, randomUUID } from 'node:crypto'
import { request as overHttp } from 'node:http'
import { request as overTls } from 'node:https'

/** Asks one door (`{ host, port, ca }`, plain without `ca`) for a URL of whichever host. */
export function ask(door, method, url, { body, bearer } = {}) {
  const { hostname, host, pathname, search } = new URL(url)
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = { host, ...(text && { 'content-type': 'application/json' }), ...(bearer && { authorization: `Bearer ${bearer}` }) }
  const to = { host: door.host, port: door.port, method, path: `${pathname}${search}`, headers, agent: false, timeout: 30_000 }
  return new Promise((done, fail) => {
    const sent = door.ca ? overTls({ ...to, servername: hostname, ca: door.ca }) : overHttp(to)
    sent.once('error', fail).once('timeout', () => sent.destroy(new Error(`${url} did not answer`)))
    sent.once('response', (response) => {
      let answer = ''
      response.on('data', (chunk) => (answer += chunk))
      response.once('end', () => done({ status: response.statusCode, headers: response.headers, body: parsed(answer) }))
      response.once('error', fail)
    })
    sent.end(text)
  })
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** `{ control, data }` are the public addresses of the planes, `doors` where they are asked. Answers what a later look can find again. */
export async function tellStory({ control, data, doors, key, mailbox }) {
  const api = (method, path, body) => ask(doors.control, method, `${control}/api/v1${path}`, { body, bearer: key })
  const made = await api('POST', '/projects', { name: 'Todo' })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const project = made.body.data.id
  const enabled = await api('POST', `/projects/${project}/auth`, { allow_signups: true, providers: ['email'] })
  assert.equal(enabled.status, 201, JSON.stringify(enabled.body))
  const url = enabled.body.data.auth_url
  assert.equal(url, `${data}/${project}`)
  const { AUTH_JWT_SECRET: secret, AUTH_URL: told } = (await api('POST', `/projects/${project}/instances`, {})).body.data.env
  assert.equal(told, url)

  const post = (path, body, bearer) => ask(doors.data, 'POST', `${url}${path}`, { body, bearer })
  const email = `ada-${randomUUID().slice(0, 8)}@example.com`
  const password = 'correct horse battery staple'
  const signup = await post('/signup', { email, password })
  assert.equal(signup.status, 201, JSON.stringify(signup.body))
  const [head, payload, signature] = signup.body.access_token.split('.')
  const ours = createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url')
  assert.equal(ours, signature, 'the app checks the token by itself')
  const verified = await post('/verify', { token: signup.body.access_token })
  assert.equal(verified.body.valid, true, JSON.stringify(verified.body))

  const confirm = await mailbox.linkTo(email, 'confirm')
  assert.equal(`${confirm.protocol}//${confirm.host}`, new URL(url).origin, 'links lead to the public address')
  const page = await ask(doors.data, 'GET', confirm.href)
  assert.equal(page.status, 200)
  const confirmed = await post('/email/confirm', { token: confirm.searchParams.get('token') }, signup.body.access_token)
  assert.equal(confirmed.body.user?.email_verified, true, JSON.stringify(confirmed.body))

  assert.equal((await post('/password-reset', { email })).body.delivery, 'queued')
  const reset = await mailbox.linkTo(email, 'reset')
  const changed = await post('/password-reset/confirm', { token: reset.searchParams.get('token'), password: 'another long password' })
  assert.deepEqual(changed.body, { ok: true })
  assert.equal((await post('/verify', { token: signup.body.access_token })).status, 401, 'a reset ends what was signed in')
  assert.equal((await post('/login', { email, password })).status, 401)
  const again = await post('/login', { email, password: 'another long password' })
  assert.equal(again.status, 200, JSON.stringify(again.body))
  return { project, url, email, password: 'another long password', refreshToken: again.body.refresh_token }
}

/** Whether somebody of a story told before is still there, and goes on where they were; answers them with their next token. */
export async function goOn(person, { doors }) {
  const post = (path, body) => ask(doors.data, 'POST', `${person.url}${path}`, { body })
  const login = await post('/login', { email: person.email, password: person.password })
  assert.equal(login.status, 200, JSON.stringify(login.body))
  const refreshed = await post('/refresh', { refresh_token: person.refreshToken })
  assert.equal(refreshed.status, 200, JSON.stringify(refreshed.body))
  return { ...person, refreshToken: refreshed.body.refresh_token }
}
