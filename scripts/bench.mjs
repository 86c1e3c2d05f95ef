// `npm run bench`: Portico beside the limit and its peers in one interleaved run; writes docs/figures.md.
//   --quick            short rounds, 16 connections only (under 6 minutes)
//   --growth           more projects, more users instead
//   --processes        what a second process of the data plane adds (3 minutes); nothing is written
//   --idle             what idle processes cost (a minute); nothing is written
// --only=a,b only operations whose name holds one of the words; `others` for what is not a throughput row. Nothing is written then.
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT, Stop, build, installIfNeeded, main, requireNode, run, step } from './steps.mjs'

const PEERS = join(ROOT, 'test', 'bench', 'peers')

await main(async () => {
  requireNode()
  const args = process.argv.slice(2)
  const unknown = args.find((arg) => !/^--(quick|growth|idle|processes|only=.*)$/.test(arg))
  if (unknown) throw new Stop(`Unknown option ${unknown}; known are --quick, --growth, --idle, --processes and --only=words.`)
  if (process.platform !== 'linux') throw new Stop('The benchmark reads /proc and pins processes to cores: Linux only.')
  await installIfNeeded()
  await build()
  await installPeers()
  if (args.includes('--idle')) {
    const { measureIdle } = await import('../test/bench/idle.mjs')
    console.log(await measureIdle())
    process.exit(0)
  }
  await needWrk()
  if (args.includes('--processes')) {
    const { measureProcesses } = await import('../test/bench/processes.mjs')
    console.log(await measureProcesses())
    process.exit(0)
  }
  const { runBench } = await import('../test/bench/run.mjs')
  const only = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length).split(',') ?? []
  const started = Date.now()
  const text = await runBench({ quick: args.includes('--quick'), growth: args.includes('--growth'), only, args })
  console.log(`\n${text}\n\n${((Date.now() - started) / 1000).toFixed(0)} s${only.length > 0 ? '' : ', written to docs/figures.md'}`)
  process.exit(0)
})

/** The peers are no part of the project: they live in a package of their own with its own lockfile. */
async function installPeers() {
  const lock = join(PEERS, 'package-lock.json')
  const hidden = join(PEERS, 'node_modules', '.package-lock.json')
  const versions = (file) => JSON.stringify(Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages).filter(([path, { optional }]) => path !== '' && !optional).map(([path, { version }]) => [path, version]).toSorted())
  if (existsSync(hidden) && versions(hidden) === versions(lock)) return
  await step('Installing the peers', () =>
    run('npm', ['ci', '--prefix', PEERS, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']),
  )
}

async function needWrk() {
  const onPath = (command) => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)))
  if (onPath('wrk')) return
  if (process.getuid?.() !== 0 || !onPath('apt-get')) throw new Stop('wrk is missing: install it (Debian: apt-get install wrk).')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await step('Installing wrk', () => run('apt-get', ['install', '-y', '--no-install-recommends', 'wrk'], { env }))
}
