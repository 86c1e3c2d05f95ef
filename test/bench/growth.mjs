// `npm run bench -- --growth`: the same mix with more projects, and with more users in one.
import { median, untilIdle, wrk } from './machine.mjs'
import { PASSWORD, accessToken, makeProject, makeSessions } from './stand.mjs'

const row = (name, value, goal, ok, note = '') => ({ name, value, goal, ok, note })

export async function measureGrowth(stand, say, { quick }) {
  const control = await stand.startControl()
  const portico = await stand.startData()
  const template = await makeProject(stand, control, { users: 10, name: 'Growth' })
  const steps = quick ? [10, 1_000] : [10, 1_000, 10_000]
  const results = []
  let made = 1
  for (const count of steps) {
    await growProjects(stand, template, count - made)
    made = count
    await stand.sql.query('analyze')
    const lines = await mixOf(stand, template, Math.min(count * 10, 8_000))
    const runs = []
    for (let round = 0; round < (quick ? 3 : 5); round++) {
      await untilIdle([portico.pid])
      runs.push(await wrk({ url: portico.url, connections: 16, seconds: quick ? 3 : 6, script: ['list', await stand.file(`growth${count}-${round}.txt`, shuffled(lines))] }))
    }
    const best = { perSecond: median(runs.slice(1).map((run) => run.perSecond)), p99: median(runs.slice(1).map((run) => run.p99)) / 1000, refused: runs.reduce((sum, run) => sum + run.refused, 0) }
    say(`${count} projects: ${Math.round(best.perSecond)}/s, p99 ${best.p99.toFixed(1)} ms, ${best.refused} refused`)
    results.push({ count, ...best })
  }
  const [first] = results
  const rows = results.slice(1).map((at) =>
    row(
      `mix of reads at ${at.count.toLocaleString('en')} projects`,
      `${Math.round(at.perSecond).toLocaleString('en')}/s (${(at.perSecond / first.perSecond).toFixed(2)} of ${first.count} projects), p99 ${at.p99.toFixed(1)} ms (${(at.p99 / first.p99).toFixed(2)} ×)`,
      'within 10 %, p99 ≤ 1.1 ×',
      at.perSecond >= 0.9 * first.perSecond && at.p99 <= 1.1 * first.p99 && at.refused === 0,
    ),
  )
  return [...rows, ...(await growUsers(stand, control, portico, say, quick))]
}

async function growUsers(stand, control, portico, say, quick) {
  const many = quick ? 100_000 : 1_000_000
  const small = await makeProject(stand, control, { users: 1_000, name: 'Small' })
  const large = await makeProject(stand, control, { users: 1_000, name: 'Large' })
  for (let at = 1_000; at < many; at += 50_000) {
    await stand.sql.query(
      `insert into auth.end_user (project_id, id, email, email_typed, password_hash, metadata, created_at, updated_at)
        select $1, gen_random_uuid(), 'user' || n || '@example.com', 'user' || n || '@example.com', $2, '{}', now(), now() from generate_series($3::int, $4::int) n`,
      [large.id, stand.hash, at + 1, Math.min(many, at + 50_000)],
    )
  }
  await stand.sql.query('vacuum analyze')
  const rows = []
  const load = {
    login: async (project, users) => ['list', await stand.file('growth-login.txt', Array.from({ length: 2_000 }, () => `POST\t${project.path}/login\tcontent-type: application/json\t${JSON.stringify({ email: `user${1 + Math.floor(Math.random() * users)}@example.com`, password: PASSWORD })}`))],
    refresh: async (project) => ['chain', await stand.file('growth-refresh.txt', (await makeSessions(stand, project, 2_000)).map((made) => made.refreshToken)), 'POST', `${project.path}/refresh`, 'application/json', '{"refresh_token":"', '"}'],
  }
  for (const [name, script] of Object.entries(load)) {
    const ratios = []
    for (let round = 0; round < (quick ? 3 : 6); round++) {
      await untilIdle([portico.pid])
      const a = await wrk({ url: portico.url, connections: 16, seconds: quick ? 2 : 5, script: await script(small, 1_000) })
      await untilIdle([portico.pid])
      const b = await wrk({ url: portico.url, connections: 16, seconds: quick ? 2 : 5, script: await script(large, many) })
      if (round > 0) ratios.push(a.perSecond / b.perSecond)
    }
    const ratio = median(ratios)
    say(`${name} with ${many} users: ${ratio.toFixed(2)} × the time of 1,000`)
    rows.push(row(`\`${name}\` with ${many.toLocaleString('en')} users in the project`, `${ratio.toFixed(2)} × the time with 1,000`, '≤ 1.1 ×', ratio <= 1.1))
  }
  return rows
}

/** Projects like the first one, straight into the tables: the same settings and users; signing keys are copied with the seal context in mind. */
async function growProjects(stand, template, count) {
  if (count <= 0) return
  for (let left = count; left > 0; left -= 1_000) {
    await stand.sql.query(
      `with made as (insert into platform.project (id, tenant_id, name, slug, created_at, updated_at)
          select gen_random_uuid(), p.tenant_id, 'Growth', gen_random_uuid()::text, now(), now() from platform.project p, generate_series(1, $2) where p.id = $1 returning id)
        select id from made`,
      [template.id, Math.min(1_000, left)],
    )
  }
  await stand.sql.query(
    `update auth.service s set enabled = true, first_enabled_at = now(), settings = t.settings from auth.service t where t.project_id = $1 and not s.enabled`,
    [template.id],
  )
  await sealKeys(stand)
  await stand.sql.query(
    `insert into auth.end_user (project_id, id, email, email_typed, password_hash, metadata, created_at, updated_at)
      select s.project_id, gen_random_uuid(), 'user' || n || '@example.com', 'user' || n || '@example.com', $1, '{}', now(), now()
      from auth.service s, generate_series(1, 10) n where not exists (select 1 from auth.end_user u where u.project_id = s.project_id)`,
    [stand.hash],
  )
}

async function sealKeys(stand) {
  const { SealedBox } = await import('../../libs/crypto/dist/sealed-box.js')
  const { signingKeyContext } = await import('../../libs/crypto/dist/seal-context.js')
  const box = new SealedBox({ current: Buffer.from(stand.masterKey, 'base64') })
  const { rows } = await stand.sql.query('select project_id from auth.service s where not exists (select 1 from auth.signing_key k where k.project_id = s.project_id)')
  const ids = rows.map((found) => found.project_id)
  const sealed = ids.map((id) => box.seal('e'.repeat(64), signingKeyContext(id, 'growth')))
  await stand.sql.query(
    `insert into auth.signing_key (project_id, kid, alg, state, sealed, created_at, activated_at)
      select id, 'growth', 'HS256', 'current', sealed, now(), now() from unnest($1::uuid[], $2::bytea[]) x(id, sealed)`,
    [ids, sealed],
  )
}

/** verify and GET /user of random users of random projects. */
async function mixOf(stand, template, count) {
  const { rows } = await stand.sql.query(
    `select project_id, id, email from auth.end_user where project_id in (select project_id from auth.service where enabled) order by random() limit $1`,
    [count],
  )
  const kids = new Map((await stand.sql.query(`select project_id, kid from auth.signing_key where state = 'current'`)).rows.map((key) => [key.project_id, key.kid]))
  const origin = template.authUrl.slice(0, template.authUrl.lastIndexOf('/'))
  const sessions = rows.map((user) => ({ user, id: crypto.randomUUID() }))
  await stand.sql.query(
    `insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, amr)
      select p, s, u, now(), now(), now(), '{pwd}' from unnest($1::uuid[], $2::uuid[], $3::uuid[]) x(p, s, u)`,
    [sessions.map(({ user }) => user.project_id), sessions.map(({ id }) => id), sessions.map(({ user }) => user.id)],
  )
  return sessions.map(({ user, id }, index) => {
    const printedId = `proj_${user.project_id}`
    const mine = user.project_id === template.id
    const project = { printedId, authUrl: `${origin}/${printedId}`, secret: mine ? template.secret : 'e'.repeat(64) }
    const token = accessToken(stand, project, { userId: user.id, id, email: user.email }, kids.get(user.project_id))
    return index % 2 === 0 ? `GET\t/${printedId}/user\tauthorization: Bearer ${token}\t` : `POST\t/${printedId}/verify\tcontent-type: application/json\t${JSON.stringify({ token })}`
  })
}

function shuffled(list) {
  return list.map((value) => [Math.random(), value]).toSorted(([a], [b]) => a - b).map(([, value]) => value)
}
