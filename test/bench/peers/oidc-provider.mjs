// oidc-provider with a plain PostgreSQL adapter: refresh with rotation, and introspection.
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 })
class Adapter {
  constructor(model) {
    this.model = model
  }
  async upsert(id, payload, expiresIn) {
    await pool.query({
      name: 'upsert',
      text: `insert into bench.oidc (model, id, grant_id, payload, expires_at) values ($1, $2, $3, $4, now() + make_interval(secs => $5))
        on conflict (model, id) do update set payload = excluded.payload, expires_at = excluded.expires_at`,
      values: [this.model, id, payload.grantId ?? null, payload, expiresIn ?? 3600],
    })
  }
  async find(id) {
    const { rows } = await pool.query({
      name: 'find',
      text: 'select payload, consumed_at from bench.oidc where model = $1 and id = $2 and expires_at > now()',
      values: [this.model, id],
    })
    return rows[0] ? { ...rows[0].payload, ...(rows[0].consumed_at ? { consumed: true } : {}) } : undefined
  }
  async findByUid() {}
  async findByUserCode() {}
  async consume(id) {
    await pool.query({
      name: 'consume',
      text: 'update bench.oidc set consumed_at = now() where model = $1 and id = $2',
      values: [this.model, id],
    })
  }
  async destroy(id) {
    await pool.query({ name: 'destroy', text: 'delete from bench.oidc where model = $1 and id = $2', values: [this.model, id] })
  }
  async revokeByGrantId(grantId) {
    await pool.query('delete from bench.oidc where grant_id = $1', [grantId])
  }
}

const client = {
  client_id: 'bench',
  client_secret: 'c'.repeat(43),
  redirect_uris: ['https://app.example/cb'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'client_secret_post',
}
const provider = new Provider(`http://127.0.0.1:${process.env.PORT}`, {
  adapter: Adapter,
  clients: [client],
  cookies: { keys: ['d'.repeat(32)] },
  features: { devInteractions: { enabled: false }, introspection: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.com` }) }),
  rotateRefreshToken: true,
  ttl: { RefreshToken: 86_400, AccessToken: 3600, IdToken: 3600, Grant: 86_400 },
})

async function seed(count) {
  const bench = await provider.Client.find('bench')
  const tokens = []
  const access = []
  for (let index = 0; index < count; index++) {
    const accountId = `user${index}`
    const grant = new provider.Grant({ accountId, clientId: 'bench' })
    grant.addOIDCScope('openid email offline_access')
    const grantId = await grant.save()
    const common = {
      accountId,
      client: bench,
      grantId,
      gty: 'authorization_code',
      scope: 'openid email offline_access',
      authTime: Math.floor(Date.now() / 1000),
    }
    tokens.push(await new provider.RefreshToken(common).save())
    access.push(await new provider.AccessToken({ ...common, aud: undefined }).save())
  }
  return { tokens, access }
}

const handle = provider.callback()
createServer(async (request, response) => {
  if (!request.url.startsWith('/seed')) return handle(request, response)
  const body = JSON.stringify(await seed(Number(new URL(request.url, 'http://x').searchParams.get('n'))))
  response.writeHead(200, { 'content-type': 'application/json' }).end(body)
}).listen(Number(process.env.PORT), '127.0.0.1')
