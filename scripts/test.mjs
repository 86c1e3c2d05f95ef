// `npm test`: installs, builds, sees to a redis-server and a chromium, runs everything. The last line is `N passed, N failed`.
// `-- --second-try`: up to three files that failed run once more, alone; what passes then is counted and named as such.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { ROOT, build, installIfNeeded, main, requireNode, run, step } from './steps.mjs'

// More than these are no accident of a busy machine.
const MOST_TRIED_AGAIN = 3

await main(async () => {
  requireNode()
  await installIfNeeded()
  await build()
  const notRun = await legsThatCannotRun()
  const args = process.argv.slice(2).filter((arg) => arg !== '--second-try')
  const first = await runVitest(args)
  const total = summarise(first)
  const unsure = process.argv.includes('--second-try') ? failedFiles(first) : []
  if (unsure.length > 0 && unsure.length <= MOST_TRIED_AGAIN) {
    console.log(`\nOnce more, alone: ${unsure.join(', ')}`)
    const second = await runVitest([...args.filter((arg) => arg.startsWith('-')), '--maxWorkers=1', ...unsure])
    const again = summarise(second)
    total.passed += again.passed - passedIn(first, unsure)
    total.failed = again.failed
  }
  const rest = [
    total.skipped > 0 ? `, ${total.skipped} skipped` : '',
    unsure.length > 0 && total.failed === 0 ? `, at the second try only: ${unsure.join(' ')}` : '',
    notRun.length > 0 ? ` (not run: ${notRun.join('; ')})` : '',
  ]
  console.log(`${total.passed} passed, ${total.failed} failed${rest.join('')}`)
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
})

async function legsThatCannotRun() {
  const missing = []
  if (!process.env.TEST_REDIS_URL && !(await isThere('redis-server'))) missing.push('everything on Redis, as there is no redis-server')
  if (!(await isThere('chromium', 'chromium-browser', 'google-chrome'))) missing.push('everything in a browser, as there is no chromium')
  if (!(await isThere('caddy'))) missing.push('own domains behind a real Caddy, as there is no caddy')
  if (!onPath('python3')) missing.push('the Python package, as there is no python3')
  if (!existsSync('/usr/lib/postgresql/15/bin/pg_restore')) missing.push('backup and restore, as there is no postgresql-15')
  if (!process.env.PORTICO_NEXT_FOLDER) missing.push('examples/next in Next.js, as PORTICO_NEXT_FOLDER names no folder with it')
  const languages = ['go', 'ruby', 'php'].filter((name) => !onPath(name))
  if (languages.length > 0) missing.push(`the two lines in ${languages.join(', ')}, which are not installed`)
  return missing
}

/** Under one of the names; the first is also the package to try when this may install. */
async function isThere(name, ...others) {
  if ([name, ...others].some(onPath)) return true
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return false
  try {
    await step(`Installing ${name}`, async () => {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
      await run('apt-get', ['install', '-y', '--no-install-recommends', name], { env }).catch(async () => {
        await run('apt-get', ['update'], { env })
        await run('apt-get', ['install', '-y', '--no-install-recommends', name], { env })
      })
    })
  } catch (error) {
    console.error(error.message)
  }
  return onPath(name)
}

function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)))
}

async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'portico-report-'))
  const file = join(folder, 'report.json')
  try {
    const child = spawn(
      process.execPath,
      [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args],
      { cwd: ROOT, stdio: 'inherit' },
    )
    // Ctrl-C reaches vitest as well, which then stops the servers; this process waits for it.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    const code = await new Promise((done) => child.once('close', done))
    return { code, report: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** None where something failed outside of every file, which no second run of a file would show. */
function failedFiles({ code, report }) {
  if (code === 0) return []
  return (report?.testResults ?? []).filter((file) => file.status === 'failed').map((file) => relative(ROOT, file.name))
}

function passedIn({ report }, files) {
  const among = (report?.testResults ?? []).filter((file) => files.includes(relative(ROOT, file.name)))
  return among.flatMap((file) => file.assertionResults).filter((one) => one.status === 'passed').length
}

function summarise({ code, report }) {
  const passed = report?.numPassedTests ?? 0
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
  // A file that could not be loaded has no tests to fail, and an error outside a test shows in the exit code only.
  const unloadable = (report?.testResults ?? []).filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  const failed = (report?.numFailedTests ?? 0) + unloadable
  return { passed, skipped, failed: failed === 0 && code !== 0 ? 1 : failed }
}
