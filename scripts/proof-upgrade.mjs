// `npm run proof:upgrade`: the bundles of the release before, on the schema of this one, through the whole journey of a person. So a
// rolling upgrade, and a rollback of the services, go on with what the migrations leave.
//   --release=REF   another one than the newest tag v* before this commit
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, Stop, main, requireNode, run, step } from './steps.mjs'

/** Nothing has a tag yet: what was handed over last. */
const BEFORE_THE_FIRST_TAG = 'c41050f2954775a72db467cd44008586745fe408'

const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()

await main(async () => {
  requireNode()
  const [wanted] = process.argv.slice(2).flatMap((arg) => /^--release=(.+)$/.exec(arg)?.[1] ?? [])
  const release = wanted ?? newestTag() ?? BEFORE_THE_FIRST_TAG
  if (!isThere(release)) {
    console.log(`not run: this clone has no commit ${release} (git fetch --unshallow, or --release=REF)`)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'portico-release-before-'))
  try {
    git('worktree', 'add', '--detach', '--force', folder, release)
    const inside = (args, name) => step(name, () => run(process.execPath, args, { cwd: folder }))
    const install = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
    const installing = () => run('npm', install, { cwd: folder }).then(
      () => true,
      () => false,
    )
    const installed = await step(`Installing what ${release} needs`, installing)
    if (!installed) {
      console.log(`not run: the packages of ${release} cannot be installed here`)
      return
    }
    await inside([join('scripts', 'build.mjs')], `Building ${release}`)
    takeSchema(folder)
    const journey = [join('node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/journeys/story.test.ts']
    await run(process.execPath, journey, { cwd: folder, inherit: true })
    console.log(`${release} lives with this release's schema.`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
    git('worktree', 'prune')
  }
})

function newestTag() {
  try {
    return git('describe', '--tags', '--match', 'v[0-9]*', '--abbrev=0', 'HEAD^')
  } catch {
    return null
  }
}

function isThere(commit) {
  try {
    git('cat-file', '-e', `${commit}^{commit}`)
    return true
  } catch {
    return false
  }
}

/** Migrations, functions and roles of this release, under the code of the one before. */
function takeSchema(folder) {
  const [ours, theirs] = [join(ROOT, 'prisma'), join(folder, 'prisma')]
  if (!existsSync(ours)) throw new Stop(`${ours} is missing.`)
  const sql = (path) => readdirSync(path).filter((name) => !/\.(?:prisma|md)$/.test(name))
  for (const name of sql(theirs)) rmSync(join(theirs, name), { recursive: true })
  for (const name of sql(ours)) cpSync(join(ours, name), join(theirs, name), { recursive: true })
}
