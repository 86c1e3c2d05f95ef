// What a second process of the data plane adds, on a machine whose cores the load and PostgreSQL use as well.
import { median, wrk } from './machine.mjs'
import { scenarios } from './scenarios.mjs'
import { currentKid, makeProject, openStand } from './stand.mjs'

const ROUNDS = 3
const SECONDS = 3
const OPERATIONS = ['verify, token seen before', 'GET /user', 'refresh', 'login']

/** Throughput with one and with two processes, interleaved, nothing pinned. */
export async function measureProcesses() {
  const stand = await openStand()
  try {
    const control = await stand.startControl()
    const project = await makeProject(stand, control, { users: 1_000 })
    const anywhere = { pin: false }
    const planes = {
      one: await stand.startData([], {}, anywhere),
      two: await stand.startData([], { DATA_PLANE_PROCESSES: '2' }, anywhere),
    }
    const setup = { stand, project, peers: {}, kid: await currentKid(stand, project) }
    const lines = ['| Operation, 32 connections | 1 process | 2 processes | Ratio |', '| --- | ---: | ---: | ---: |']
    for (const { name, contestants } of scenarios(setup).filter((scenario) => OPERATIONS.includes(scenario.name))) {
      const rates = { one: [], two: [] }
      // The first round warms up.
      for (let round = 0; round <= ROUNDS; round += 1) {
        for (const [which, plane] of Object.entries(planes)) {
          const run = await wrk({ url: plane.url, connections: 32, seconds: SECONDS, script: await contestants.portico(), pin: false })
          if (run.refused + run.broken > 0) throw new Error(`${name}, ${which}: ${run.refused} refused, ${run.broken} broken`)
          if (round > 0) rates[which].push(run.perSecond)
        }
      }
      const ratio = median(rates.two.map((rate, round) => rate / rates.one[round]))
      lines.push(`| ${name} | ${Math.round(median(rates.one))}/s | ${Math.round(median(rates.two))}/s | ${ratio.toFixed(2)} |`)
      console.log(lines.at(-1))
    }
    return lines.join('\n')
  } finally {
    await stand.close()
  }
}
