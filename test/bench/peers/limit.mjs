// The limit: bare Fastify, pg with named statements and argon2 doing just the operation. No isolation, no audit, no limits, no validation.
import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { fastify } from 'fastify'
import pg from 'pg'

const SECRET = 'a'.repeat(64)
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 })
const digest = (token) => createHash('sha256').update(token).digest()
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const HEADER = encode({ alg: 'HS256', typ: 'at+jwt', kid: 'limit' })
const mac = (text) => createHmac('sha256', SECRET).update(text).digest()

// As in the product: more hashes in flight than cores are slower, not faster.
let free = availableParallelism()
const waiting = []
async function withCore(work) {
  if (free > 0) free -= 1
  else await new Promise((go) => waiting.push(go))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else free += 1
  }
}

function sign(user, session) {
  const now = Math.floor(Date.now() / 1000)
  const text = `${HEADER}.${encode({ iss: 'limit', sub: user, aud: 'limit', exp: now + 3600, iat: now, jti: randomUUID(), sid: session })}`
  return `${text}.${mac(text).toString('base64url')}`
}

function check(token) {
  const at = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(at + 1), 'base64url')
  const text = token.slice(0, at)
  if (signature.length !== 32 || !timingSafeEqual(signature, mac(text))) throw new Error('bad signature')
  const claims = JSON.parse(Buffer.from(text.slice(text.indexOf('.') + 1), 'base64url').toString())
  if (claims.exp * 1000 < Date.now()) throw new Error('expired')
  return claims
}

const start = (user, email, row) => {
  const token = randomBytes(32).toString('base64url')
  return { token, values: [user, randomUUID(), digest(token), new Date(), ...row], email }
}
const answer = (user, email, session, refresh) => ({
  access_token: sign(user, session),
  token_type: 'Bearer',
  expires_in: 3600,
  refresh_token: refresh,
  user_id: user,
  user: { id: user, email },
})

const app = fastify({ logger: false })
app.post('/hash', async (request) => withCore(async () => ({ hash: await hash(request.body.password, ARGON2) })))
app.post('/post', (request, reply) => reply.send({ valid: true, token: request.body.token }))
app.post('/verify-hs256', (request, reply) => reply.send({ valid: true, claims: check(request.body.token) }))
app.post('/login', async (request, reply) => {
  const {
    rows: [user],
  } = await pool.query({ name: 'find', text: 'select id, hash from bench.account where email = $1', values: [request.body.email] })
  if (!user || !(await withCore(() => verify(user.hash, request.body.password)))) return reply.code(401).send({})
  const { token, values } = start(user.id, request.body.email, [])
  await pool.query({
    name: 'start',
    text: `with s as (insert into bench.session (id, account_id, created_at) values ($2, $1, $4))
      insert into bench.refresh (digest, session_id, created_at) values ($3, $2, $4)`,
    values,
  })
  return answer(user.id, request.body.email, values[1], token)
})
app.post('/signup', async (request, reply) => {
  const hashed = await withCore(() => hash(request.body.password, ARGON2))
  const { token, values } = start(randomUUID(), request.body.email, [request.body.email, hashed])
  await pool.query({
    name: 'signup',
    text: `with a as (insert into bench.account (id, email, hash, created_at) values ($1, $5, $6, $4)),
      s as (insert into bench.session (id, account_id, created_at) values ($2, $1, $4))
      insert into bench.refresh (digest, session_id, created_at) values ($3, $2, $4)`,
    values,
  })
  return reply.code(201).send(answer(values[0], request.body.email, values[1], token))
})
app.get('/user', async (request) => {
  const token = request.headers.authorization.slice(7)
  const claims = check(token)
  const { rows: [user] } = await pool.query({
    name: 'session',
    text: 'select a.id, a.email, a.created_at from bench.session s join bench.account a on a.id = s.account_id where s.id = $1 and s.ended_at is null',
    values: [claims.sid],
  })
  return { user, user_id: user.id, token }
})
app.post('/refresh', async (request, reply) => {
  const token = randomBytes(32).toString('base64url')
  const { rows: [row] } = await pool.query({
    name: 'rotate',
    text: `with spent as (update bench.refresh set consumed_at = $3 where digest = $1 and consumed_at is null returning session_id),
      child as (insert into bench.refresh (digest, session_id, created_at) select $2, session_id, $3 from spent)
      select s.id as session, a.id, a.email from spent join bench.session s on s.id = spent.session_id join bench.account a on a.id = s.account_id where s.ended_at is null`,
    values: [digest(request.body.refresh_token), digest(token), new Date()],
  })
  return row ? answer(row.id, row.email, row.session, token) : reply.code(401).send({})
})
app.post('/reset', async (request) => {
  await pool.query({
    name: 'reset',
    text: 'insert into bench.outbox (id, kind, payload, created_at) values ($1, $2, $3, $4)',
    values: [randomUUID(), 'password_reset', JSON.stringify({ address: request.body.email }), new Date()],
  })
  return { ok: true }
})
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
