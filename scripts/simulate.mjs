// `npm run simulate`: how the hash queue, the change feed and the outbox do at a size that no machine here has: 1,000,000 projects and
// 100,000,000 people. The hash queue is the product's own class on a clock that jumps; feed and outbox are its rules with its constants.
//   --people=100000000 --projects=1000000 --cores=8 --processes=50
import { performance } from 'node:perf_hooks'
import { main, requireNode, build, installIfNeeded } from './steps.mjs'

const DAY = 86_400
/** What people do in a day, each; the busiest hour has three times the mean. */
const HABITS = { logins: 0.2, signUps: 0.002, refreshes: 8, endings: 0.1, mails: 0.05, peak: 3 }
/** Measured (docs/figures.md): 145 logins a second on one core, nearly all of it the hash; 565 mails a second and worker. */
const HASH_MS = 6.9
const MAILS_PER_WORKER = 565

const size = { people: 1e8, projects: 1e6, cores: 8, processes: 50 }
for (const arg of process.argv.slice(2)) {
  const [, name, value] = /^--(people|projects|cores|processes)=(\d+)$/.exec(arg) ?? []
  if (name === undefined) throw new Error(`Unknown option ${arg}; known are --people, --projects, --cores and --processes, each with a number.`)
  size[name] = Number(value)
}
const count = (value) => Math.round(value).toLocaleString('en')
const ms = (value) => `${Math.round(value)} ms`
const quantile = (values, q) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0

/** The same numbers at every run. */
function random(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Time that passes only when something is due. */
function virtualTime() {
  let now = 0
  const due = []
  const at = (time, run) => {
    let [low, high] = [0, due.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (due[middle].time > time) low = middle + 1
      else high = middle
    }
    due.splice(low, 0, { time, run })
  }
  const run = async () => {
    while (due.length > 0) {
      const next = due.pop()
      now = next.time
      next.run()
      await new Promise((done) => setImmediate(done))
    }
  }
  return { now: () => now, at, run }
}

/** One process: everybody at `load` of what its cores can hash, and one project that asks for as much again as there is room. */
async function hashQueue(load, storm) {
  const { HashQueue } = await import('../libs/crypto/dist/hash-queue.js')
  const time = virtualTime()
  const chance = random(7)
  const queue = new HashQueue({ maxInFlight: size.cores, monotonicNow: time.now })
  const perMs = (size.cores / HASH_MS) * load
  const seen = { others: { waits: [], refused: 0 }, storm: { waits: [], refused: 0 } }
  const ask = (projectId, into) => {
    const since = time.now()
    const work = () => new Promise((done) => time.at(time.now() + HASH_MS, done))
    queue.run({ projectId }, work).then(() => into.waits.push(time.now() - since), () => (into.refused += 1))
  }
  const exponential = (rate) => -Math.log(1 - chance()) / rate
  for (let at = exponential(perMs); at < 20_000; at += exponential(perMs)) time.at(at, () => ask(`p${Math.floor(chance() * size.projects)}`, seen.others))
  if (storm > 0) for (let at = 5_000; at < 15_000; at += exponential(perMs * storm)) time.at(at, () => ask('storm', seen.storm))
  await time.run()
  const of = ({ waits, refused }) => `p50 ${ms(quantile(waits, 0.5))}, p99 ${ms(quantile(waits, 0.99))}, refused ${((100 * refused) / Math.max(1, waits.length + refused)).toFixed(2)} %`
  return `load ${load}${storm > 0 ? `, one project asks for ${storm} times that beside` : ''}: others ${of(seen.others)}${storm > 0 ? `; it ${of(seen.storm)}` : ''}`
}

/** Each look asks for the last 15 s again, four times a second; more than 10,000 rows are not told. */
async function changeFeed() {
  const [{ CHANGE_OVERLAP_SECONDS }, { INTERVAL_MS }] = await Promise.all([
    import('../libs/database/dist/transaction-limit.js'),
    import('../libs/database/dist/change-feed.js'),
  ])
  const MOST = 10_000
  const perSecond = ((size.people * HABITS.endings) / DAY) * HABITS.peak
  const rows = perSecond * (CHANGE_OVERLAP_SECONDS + INTERVAL_MS / 1000)
  const fits = (MOST / (CHANGE_OVERLAP_SECONDS + INTERVAL_MS / 1000) / HABITS.peak / HABITS.endings) * DAY
  return [
    `${count(perSecond)} endings a second in the busiest hour, ${count(rows)} rows a look, ${count((rows * size.processes * 1000) / INTERVAL_MS)} rows a second for ${size.processes} processes`,
    rows > MOST
      ? `more than ${count(MOST)} rows: such a feed counts as unheard, and every verify asks the database. One feed carries ${count(fits)} people: ${Math.ceil(size.people / fits)} cells`
      : `within the ${count(MOST)} rows that a look tells; one feed carries ${count(fits)} people`,
  ]
}

/** A round takes 200 rows, the same share of each project that waits; workers send what they can. */
function outbox(workers) {
  const BATCH = 200
  const chance = random(11)
  const perSecond = ((size.people * HABITS.mails) / DAY) * HABITS.peak
  const waiting = new Map([['storm', Array.from({ length: 1_000_000 }, () => 0)]])
  const lateness = []
  let [time, carried] = [0, 0]
  while (time < 120) {
    time += BATCH / (MAILS_PER_WORKER * workers)
    const round = BATCH / (MAILS_PER_WORKER * workers)
    carried += perSecond * round
    for (; carried >= 1; carried -= 1) {
      const project = `p${Math.floor(chance() * size.projects)}`
      // Some time in the round before, and looked for up to a quarter of a second later.
      waiting.set(project, [...(waiting.get(project) ?? []), time - chance() * (round + 0.25)])
    }
    const share = Math.max(1, Math.floor(BATCH / Math.max(1, waiting.size)))
    let left = BATCH
    for (const [project, rows] of waiting) {
      if (left === 0) break
      const taken = rows.splice(0, Math.min(share, left))
      left -= taken.length
      if (project !== 'storm') for (const since of taken) lateness.push((time - since) * 1000)
      if (rows.length === 0) waiting.delete(project)
    }
  }
  const late = `p50 ${ms(quantile(lateness, 0.5))}, p99 ${ms(quantile(lateness, 0.99))}`
  return `${count(perSecond)} mails a second in the busiest hour, ${workers} workers, and a project with 1,000,000 of its own: mails of the others leave after ${late}; ${count(waiting.size - 1)} projects wait after two minutes`
}

await main(async () => {
  requireNode()
  await installIfNeeded()
  await build()
  const since = performance.now()
  const busiest = (each) => ((size.people * each) / DAY) * HABITS.peak
  const hashes = busiest(HABITS.logins + HABITS.signUps)
  const cores = Math.ceil((hashes * HASH_MS) / 1000 / 0.6)
  console.log(`${count(size.people)} people in ${count(size.projects)} projects; in the busiest hour ${count(busiest(HABITS.logins))} logins, ${count(busiest(HABITS.refreshes))} refreshes a second`)
  console.log(`\nHash queue (${size.cores} cores; ${count(cores)} cores hash all of them at a load of 0.6)`)
  for (const [load, storm] of [[0.6, 0], [0.9, 0], [0.6, 2], [1.3, 0]]) console.log(`  ${await hashQueue(load, storm)}`)
  console.log('\nChange feed')
  for (const line of await changeFeed()) console.log(`  ${line}`)
  console.log('\nOutbox')
  const needed = Math.ceil(busiest(HABITS.mails) / MAILS_PER_WORKER)
  for (const workers of [needed, 2 * needed]) console.log(`  ${outbox(workers)}`)
  console.log(`\n${((performance.now() - since) / 1000).toFixed(1)} s`)
})
