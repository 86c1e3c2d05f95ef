// What processes cost that nobody calls: `npm run bench -- --idle`. The change feed, asked four times a second, is most of it.
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMicroseconds } from './machine.mjs'
import { openStand } from './stand.mjs'

const SECONDS = 60

/** A line for each. */
export async function measureIdle() {
  const stand = await openStand()
  try {
    const planes = { 'control plane': await stand.startControl(), 'data plane': await stand.startData() }
    await sleep(5_000)
    const feeds = (await stand.sql.query(`select pid from pg_stat_activity where application_name like 'portico-%-changes'`)).rows.map(({ pid }) => pid)
    const commits = async () => {
      const { rows } = await stand.sql.query('select xact_commit from pg_stat_database where datname = current_database()')
      return Number(rows[0].xact_commit)
    }
    const cpu = () => ({
      planes: Object.values(planes).map(({ pid }) => cpuMicroseconds(pid)),
      feeds: feeds.reduce((sum, pid) => sum + cpuMicroseconds(pid), 0),
    })
    const [before, commitsBefore] = [cpu(), await commits()]
    await sleep(SECONDS * 1_000)
    const [after, commitsAfter] = [cpu(), await commits()]
    const share = (microseconds) => `${(microseconds / SECONDS / 10_000).toFixed(2)} % of a core`
    return [
      ...Object.keys(planes).map((name, index) => `${name}: ${share(after.planes[index] - before.planes[index])}`),
      `PostgreSQL, one feed: ${share((after.feeds - before.feeds) / feeds.length)}`,
      `transactions, ${feeds.length} feeds and ${Object.keys(planes).length} processes: ${((commitsAfter - commitsBefore) / SECONDS).toFixed(1)}/s`,
    ].join('\n')
  } finally {
    await stand.close()
  }
}
