import { setTimeout as sleep } from 'node:timers/promises'
import type { AppProcess } from '../support/processes.js'
import { auditChanges, count, unanswered, unclean } from './auditor.js'
import { startBalancer, type Balancer } from './balancer.js'
import type { FaultProject, FaultStage } from './fault-stage.js'
import { openLoop, percentile, send, type Call } from './load.js'
import { verifyThroughRotations } from './rotation.js'
import { ended, logIn, readUser, report, signUp, withStage, type FaultRun, type RunReport } from './run.js'

const ROTATION_RATE = 200

/** What goes through the balancer all the time: mostly reads, a sign-up and a login among ten. */
function mixed(balancer: Balancer, project: FaultProject, token: string, email: string): (index: number) => Call {
  return (index) =>
    index % 10 === 0 ? signUp(balancer, project) : index % 10 === 5 ? logIn(balancer, project, email) : readUser(balancer, project, token)
}

async function behindBalancer(
  stage: FaultStage,
  work: (scene: { balancer: Balancer; project: FaultProject; planes: AppProcess[]; next: (index: number) => Call }) => Promise<RunReport>,
): Promise<RunReport> {
  const project = await stage.project('Balanced')
  const planes = [await stage.start('data-plane'), await stage.start('data-plane')]
  const balancer = await startBalancer()
  try {
    for (const plane of planes) balancer.add(plane)
    const first = await send(signUp(planes[0] as AppProcess, project))
    while ((await send(readUser(balancer, project, first.body?.['access_token'] as string))).status !== 200) await sleep(50)
    return await work({ balancer, project, planes, next: mixed(balancer, project, first.body?.['access_token'] as string, first.email) })
  } finally {
    await balancer.close()
  }
}

/** P10: a rolling deploy without a failed request. */
const rollingStops = (stage: FaultStage, stops: number): Promise<RunReport> =>
  behindBalancer(stage, async ({ balancer, project, planes, next }) => {
    const problems: string[] = []
    const seconds: number[] = []
    let rolling = true
    const loading = openLoop({ ratePerSecond: 40, seconds: Infinity, until: () => !rolling, next })
    for (let times = 0; times < stops; times++) {
      const fresh = await stage.start('data-plane')
      balancer.add(fresh)
      planes.push(fresh)
      const old = planes.shift() as AppProcess
      await sleep(300)
      const asked = performance.now()
      stage.killed.add(old)
      old.signal('SIGTERM')
      const code = await old.exited
      seconds.push((performance.now() - asked) / 1000)
      balancer.remove(old)
      if (code !== 0) problems.push(`a stop ended with ${code}: ${old.logs.slice(-3).join(' / ')}`)
    }
    rolling = false
    const ledger = await loading
    if (Math.max(...seconds) > 15) problems.push(`a stop took ${Math.max(...seconds).toFixed(1)} s`)
    const bad = ledger.filter((entry) => entry.status === null || entry.status >= 300)
    if (bad.length > 0) problems.push(`${bad.length} requests failed: ${count(bad)}`)
    const slow = percentile(ledger.map((entry) => entry.ms), 0.99)
    return report(`${stops} stops, the longest ${Math.max(...seconds).toFixed(1)} s; ${ledger.length} requests (${count(ledger)}), p99 ${slow.toFixed(0)} ms`, ledger, problems, unclean(ledger), unanswered(ledger), await auditChanges(stage, project, ledger), await ended(...planes, stage.control))
  })

/** P1: kills at random moments; only what was in work at a kill may go without an answer. */
const kills = (stage: FaultStage, times: number): Promise<RunReport> =>
  behindBalancer(stage, async ({ balancer, project, planes, next }) => {
    const killedAt: number[] = []
    let killing = true
    const loading = openLoop({
      ratePerSecond: 20,
      seconds: Infinity,
      until: () => !killing,
      next: (index) => (index % 2 === 0 ? signUp(balancer, project) : next(index)),
    })
    for (let kill = 0; kill < times; kill++) {
      const fresh = await stage.start('data-plane')
      balancer.add(fresh)
      planes.push(fresh)
      const old = planes.shift() as AppProcess
      await sleep(200 + Math.random() * 300)
      killedAt.push(performance.now())
      await stage.kill(old)
      balancer.remove(old)
    }
    killing = false
    const ledger = await loading
    const lost = ledger.filter((entry) => entry.status === null)
    const unexplained = lost.filter((entry) => !killedAt.some((at) => entry.sentAt <= at + 250 && entry.sentAt + entry.ms >= at))
    const problems = unexplained.length === 0 ? [] : [`${unexplained.length} requests got no answer although nothing was killed meanwhile`]
    const acknowledged = ledger.filter((entry) => entry.kind === 'signup' && entry.status === 201).length
    return report(`${times} kills, ${ledger.length} requests (${count(ledger)}), ${acknowledged} acknowledged sign-ups all there; ${lost.length} broken by a kill`, ledger, problems, unclean(ledger), await auditChanges(stage, project, ledger), await ended(...planes, stage.control))
  })

async function rotations(stage: FaultStage, seconds: number): Promise<RunReport> {
  const planes = [await stage.start('data-plane'), await stage.start('data-plane')]
  const tally = await verifyThroughRotations({
    controlUrl: stage.control.url,
    planeUrls: planes.map((plane) => plane.url),
    apiKey: stage.apiKey,
    verifies: seconds * ROTATION_RATE,
    ratePerSecond: ROTATION_RATE,
  })
  const problems = [...tally.unexpected]
  if (tally.refusedThoughValid > 0) problems.push(`${tally.refusedThoughValid} valid tokens were refused`)
  if (tally.deadAccepted > 0) problems.push(`${tally.deadAccepted} tokens of retired keys were accepted`)
  if (tally.unknownToReaderOfAll > 0)
    problems.push(`${tally.unknownToReaderOfAll} new tokens could not be checked by the instance that reads every variable`)
  if (tally.unknownToReaderOfOne > 0)
    problems.push(`${tally.unknownToReaderOfOne} new tokens could not be checked by the instance that reads AUTH_JWT_SECRET only`)
  if (tally.rotations === 0 || (seconds >= 180 && tally.deadTried < 500))
    problems.push(`${tally.rotations} rotations and ${tally.deadTried} tokens of retired keys: too few to prove anything`)
  return report(
    `${tally.rotations} rotations, ${tally.verified} tokens verified, ${tally.refusedThoughValid} refused; ${tally.deadTried} of retired keys tried, ${tally.deadAccepted} accepted; ${tally.unknownToReaderOfAll} new ones unknown to the instance that reads every variable, ${tally.unknownToReaderOfOne} of ${tally.shownToReaderOfOne} to the one that reads the first; p99 ${tally.p99.toFixed(1)} ms`,
    [], problems, await ended(...planes, stage.control),
  )
}

export const PROCESS_FAULTS: FaultRun[] = [
  {
    name: 'data planes stop (SIGTERM) in turn behind a balancer',
    seconds: 75,
    promises: 'P1 P6 P10 P14',
    done: '12 rolling replacements of two data planes under 40 requests/s: reads, sign-ups, logins',
    short: false,
    run: (size) => withStage({}, (stage) => rollingStops(stage, size === 'short' ? 2 : 12)),
  },
  {
    name: 'data planes are killed (-9) behind a balancer under sign-ups',
    seconds: 180,
    promises: 'P1 P2 P6 P14',
    done: '50 kills at random moments, two data planes, 20 requests/s, half of them sign-ups',
    short: false,
    run: (size) => withStage({}, (stage) => kills(stage, size === 'short' ? 3 : 50)),
  },
  {
    name: 'the secret is rotated every 20 s under verifies',
    seconds: 200,
    promises: 'P11',
    done: '200 verifies/s over two data planes for 180 s, an instance that reboots with each rotation (`npm run bench:rotation` does 100,000)',
    short: false,
    run: (size) => withStage({}, (stage) => rotations(stage, size === 'short' ? 30 : 180)),
  },
]
