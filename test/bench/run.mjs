// The measured run: `npm run bench` (scripts/bench.mjs) sees to what it needs and starts it.
import { CORES, SERVER_CORE, cpuMicroseconds, describeMachine, median, memory, resetPeak, untilIdle, wrk } from './machine.mjs'
import { LABEL, SERVER_OF, scenarios } from './scenarios.mjs'
import { PASSWORD, currentKid, dataDirOf, makeProject, openStand, seedLimit } from './stand.mjs'
import { writeFigures } from './figures.mjs'
import { measureControlPlane, measureEverything, measureLogins, measureMail, measureRowSecurity, measureStarts } from './more-measures.mjs'
import { measureGrowth } from './growth.mjs'

const ROUNDS = { quick: 3, full: 5 }
const SECONDS = { quick: 2, full: 3 }

/** @param options {quick, growth, only: string[]} */
export async function runBench(options) {
  const mode = options.quick ? 'quick' : 'full'
  const figures = {
    mode,
    command: `npm run bench${options.args.length ? ` -- ${options.args.join(' ')}` : ''}`,
    machine: describeMachine(),
    cores: CORES,
    pinned: SERVER_CORE !== null,
    rows: [],
    others: [],
    memory: [],
  }
  const stand = await openStand()
  const say = (text) => console.log(text)
  try {
    if (options.growth) {
      figures.others.push(...(await measureGrowth(stand, say, options)))
    } else {
      const chosen = ({ name }) => options.only.length === 0 || options.only.some((word) => name.includes(word))
      const setup = await prepare(stand, chosen, say)
      for (const scenario of scenarios(setup).filter(chosen)) {
        figures.rows.push(
          await measureScenario(scenario, setup, {
            rounds: ROUNDS[mode],
            seconds: SECONDS[mode],
            say,
            connections: options.quick ? [16] : [16, 1, 64],
          }),
        )
      }
      if (options.only.length === 0 || options.only.includes('others')) {
        figures.others.push(await measureLogins(setup, options, say))
        figures.others.push(...(await measureControlPlane(setup, options, say)))
        figures.others.push(await measureRowSecurity(setup, options, say))
        figures.others.push(...(await measureStarts(stand, say)))
        figures.others.push(await measureEverything(stand, say))
        figures.others.push(...(await measureMail(setup, options, say)))
      }
      figures.memory = memoryRows(setup)
    }
  } finally {
    await stand.close()
  }
  return writeFigures(figures, options)
}

async function prepare(stand, chosen, say) {
  say('Starting PostgreSQL, both planes, the limit and the peers …')
  const control = await stand.startControl()
  const portico = await stand.startData()
  const limit = await stand.startLimit()
  const betterAuth = await stand.startBetterAuth()
  const betterAuthRenewing = await stand.startBetterAuth({ RENEW: '1' })
  const oidc = await stand.startOidc()
  const servers = { portico, limit, betterAuth, betterAuthRenewing, oidc }
  const idle = Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, memory(server.pid).now]))

  const project = await makeProject(stand, control, { users: 1_000 })
  await seedLimit(stand, 1_000)
  const cookies = await betterAuthCookies(betterAuth, 'seed', 20)
  // The same database: its sessions are good at the other one too.
  const { tokens, access } = await seedOidc(oidc, 300)
  let unused = tokens
  const peers = {
    betterAuth,
    cookies,
    renewingCookies: cookies,
    accessTokens: access,
    refreshTokens: async (count) => {
      const given = unused.length > 0 ? unused : (await seedOidc(oidc, count)).tokens
      unused = []
      return given
    },
  }
  const setup = { stand, control, servers, idle, project, peers, kid: await currentKid(stand, project) }
  say('Warming every server up …')
  await warmUp(setup, chosen)
  return setup
}

/** A JIT that has seen little answers slowly: thousands of requests each before anything counts. */
async function warmUp(setup, chosen) {
  const list = scenarios(setup).filter(chosen)
  for (const scenario of list) {
    for (const [contestant, load] of Object.entries(scenario.contestants)) {
      if (scenario.slow && contestant === 'betterAuth' && scenario.name === 'signup') continue
      const server = setup.servers[SERVER_OF[contestant]]
      await wrk({
        url: server.url,
        connections: 16,
        seconds: scenario.slow ? 1 : contestant.startsWith('betterAuth') ? 4 : 2,
        script: await load(),
      })
    }
  }
}

async function measureScenario(scenario, setup, { rounds, seconds, say, connections }) {
  const results = {}
  const runs = connections.flatMap((count) => Array.from({ length: count === connections[0] ? rounds : 1 }, () => count))
  for (const count of runs) {
    // Interleaved: whatever the machine does meets every contestant alike.
    for (const [contestant, load] of Object.entries(scenario.contestants)) {
      const server = setup.servers[SERVER_OF[contestant]]
      const script = await load()
      // All of them: what the one before left in its queue would be counted against this one.
      await untilIdle(Object.values(setup.servers).map(({ pid }) => pid), { dataDir: dataDirOf(setup.stand) })
      resetPeak(server.pid)
      const before = cpuMicroseconds(server.pid)
      const run = await wrk({ url: server.url, connections: count, seconds, script })
      const cpu = (cpuMicroseconds(server.pid) - before) / Math.max(1, run.requests)
      const entry = ((results[contestant] ??= {})[count] ??= { perSecond: [], p50: [], p99: [], cpu: [], peak: [], refused: 0, broken: 0 })
      entry.perSecond.push(run.perSecond)
      entry.p50.push(run.p50 / 1000)
      entry.p99.push(run.p99 / 1000)
      entry.cpu.push(cpu)
      entry.peak.push(memory(server.pid).peak)
      entry.refused += run.refused
      entry.broken += run.broken
    }
  }
  const row = { name: scenario.name, goals: scenario.goals, contestants: {} }
  for (const [contestant, byCount] of Object.entries(results)) {
    row.contestants[contestant] = Object.fromEntries(
      Object.entries(byCount).map(([count, entry]) => [
        count,
        {
          perSecond: median(entry.perSecond),
          p50: median(entry.p50),
          p99: median(entry.p99),
          cpu: median(entry.cpu),
          peak: Math.max(...entry.peak),
          refused: entry.refused,
          broken: entry.broken,
        },
      ]),
    )
  }
  // Ratios within each round, then their median: the noise of the machine goes out.
  row.ratios = Object.fromEntries(
    Object.keys(results).filter((name) => name !== 'portico').map((name) => {
      const [mine, theirs] = [results.portico[connections[0]], results[name][connections[0]]]
      return [name, median(mine.perSecond.map((value, index) => value / theirs.perSecond[index]))]
    }),
  )
  const main = row.contestants.portico[connections[0]]
  say(
    `${scenario.name}: ${Math.round(main.perSecond)}/s, ${main.cpu.toFixed(0)} µs CPU; ${Object.entries(row.ratios)
      .map(([name, ratio]) => `${ratio.toFixed(2)} × ${LABEL[name]}`)
      .join(', ')}${main.refused + main.broken > 0 ? `; ${main.refused} refused, ${main.broken} broken` : ''}`,
  )
  return row
}

function memoryRows({ servers, idle }) {
  return Object.entries(servers).map(([name, server]) => ({
    name: server.name + (name === 'betterAuthRenewing' ? ' (renewing)' : ''),
    idle: idle[name],
    now: memory(server.pid).now,
  }))
}

async function betterAuthCookies(server, prefix, count) {
  const cookies = []
  for (let index = 0; index < count; index++) {
    const answer = await fetch(`${server.url}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ email: `${prefix}${index}@example.com`, password: PASSWORD, name: 'Seed' }),
    })
    if (!answer.ok) throw new Error(`Better Auth answered ${answer.status}: ${await answer.text()}`)
    cookies.push(answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; '))
  }
  return cookies
}

async function seedOidc(server, count) {
  const answer = await fetch(`${server.url}/seed?n=${count}`)
  return answer.json()
}
