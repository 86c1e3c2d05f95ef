import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { RUNS } from './runs.js'

/** `npm run faults`: FAULTS_ONLY picks runs by a word of their name, FAULTS_SIZE=short takes the short form. */
const only = process.env['FAULTS_ONLY']
const size = process.env['FAULTS_SIZE'] === 'short' ? 'short' : 'long'
const chosen = RUNS.filter((run) => only === undefined || run.name.toLowerCase().includes(only.toLowerCase()))
const FIGURES = fileURLToPath(new URL('../../docs/figures.md', import.meta.url))
const lines: string[] = []

test.each(chosen)('$name', async ({ name, promises, run }) => {
  const { measured, problems } = await run(size)
  writeSync(1, `\n${problems.length === 0 ? 'PASSED' : 'FAILED'} ${name}: ${measured}\n${problems.slice(0, 10).map((problem) => `  ${problem}\n`).join('')}`)
  lines.push(`| ${name} | ${promises} | ${measured} | ${problems.length === 0 ? 'yes' : `**no**: ${problems[0]}`} |`)
  expect(problems).toEqual([])
})

afterAll(() => {
  if (only !== undefined || lines.length === 0) return
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: fileURLToPath(new URL('.', import.meta.url)) }).trim()
  const about = `\`npm run faults${size === 'short' ? ' -- --short' : ''}\`, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, commit ${commit}; ${availableParallelism()} cores, Node ${process.versions.node}.`
  const text = [about, '', '| Run | Promises | What happened | Passed |', '| --- | --- | --- | --- |', ...lines].join('\n')
  const file = readFileSync(FIGURES, 'utf8')
  const [begin, end] = ['<!-- faults:begin -->', '<!-- faults:end -->']
  const [from, to] = [file.indexOf(begin), file.indexOf(end)]
  if (from >= 0 && to > from) writeFileSync(FIGURES, `${file.slice(0, from + begin.length)}\n\n${text}\n\n${file.slice(to)}`)
})
