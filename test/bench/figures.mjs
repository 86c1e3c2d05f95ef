import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { LABEL } from './scenarios.mjs'

const FILE = fileURLToPath(new URL('../../docs/figures.md', import.meta.url))
const number = (value, digits = 0) =>
  Number.isFinite(value) ? value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits }) : '–'

/** Writes the section of this kind of run into docs/figures.md between its markers, and answers the text. */
export function writeFigures(figures, { growth, only }) {
  const section = growth ? 'growth' : 'speed'
  const text = [
    about(figures),
    ...(figures.rows.length > 0 ? [ratioTable(figures.rows), detailTable(figures.rows)] : []),
    ...(figures.others.length > 0 ? [otherTable(figures.others)] : []),
    ...(figures.memory.length > 0 ? [memoryTable(figures)] : []),
  ].join('\n\n')
  if (only.length === 0 && existsSync(FILE)) {
    const [begin, end] = [`<!-- bench:${section}:begin -->`, `<!-- bench:${section}:end -->`]
    const file = readFileSync(FILE, 'utf8')
    const [from, to] = [file.indexOf(begin), file.indexOf(end)]
    if (from >= 0 && to > from) writeFileSync(FILE, `${file.slice(0, from + begin.length)}\n\n${text}\n\n${file.slice(to)}`)
  }
  return text
}

function about({ command, machine, mode, pinned }) {
  const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes')
  return [
    `\`${command}\`, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, commit ${commit}.`,
    `${machine}; ${pinned ? 'each server on core 0, wrk on core 1, PostgreSQL where it likes' : 'nothing pinned'}; ${mode === 'quick' ? 'short' : 'long'} interleaved rounds, medians; ratios are taken within each round.`,
  ].join('\n')
}

function git(...args) {
  try {
    return execFileSync('git', args, { encoding: 'utf8', cwd: fileURLToPath(new URL('.', import.meta.url)) }).trim()
  } catch {
    return 'unknown'
  }
}

function ratioTable(rows) {
  const lines = rows.flatMap((row) =>
    Object.entries(row.ratios).map(([name, ratio]) => {
      const goal = row.goals[name]
      return `| ${row.name} | ${LABEL[name]} | ${number(ratio, 2)} | ${goal === undefined ? '–' : `≥ ${goal}`} | ${goal === undefined ? '' : ratio >= goal ? 'yes' : '**no**'} |`
    }),
  )
  return ['| Operation, 16 connections | Portico against | Ratio | Goal | Reached |', '| --- | --- | ---: | ---: | --- |', ...lines].join(
    '\n',
  )
}

function detailTable(rows) {
  const lines = rows.flatMap((row) =>
    Object.entries(row.contestants).flatMap(([name, byCount]) =>
      Object.entries(byCount).map(([count, run]) => {
        const lost = run.refused + run.broken
        return `| ${row.name} | ${LABEL[name]} | ${count} | ${number(run.perSecond)} | ${number(run.p50, 1)} | ${number(run.p99, 1)} | ${number(run.cpu)} | ${run.peak} |${lost > 0 ? ` ${run.refused} refused, ${run.broken} broken` : ''} |`
      }),
    ),
  )
  return [
    '| Operation | Server | Connections | Requests/s | p50 ms | p99 ms | Server CPU µs/request | Peak MB | |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...lines,
  ].join('\n')
}

function otherTable(others) {
  return [
    '| Measured | Value | Goal | Reached | |',
    '| --- | --- | --- | --- | --- |',
    ...others.map((row) => `| ${row.name} | ${row.value} | ${row.goal} | ${row.ok ? 'yes' : '**no**'} | ${row.note} |`),
  ].join('\n')
}

function memoryTable({ memory, rows }) {
  const peak = (names) =>
    Math.max(
      0,
      ...rows.flatMap((row) =>
        Object.entries(row.contestants)
          .filter(([name]) => names.includes(name))
          .flatMap(([, byCount]) => Object.values(byCount).map((run) => run.peak)),
      ),
    )
  const [mine, theirs] = [peak(['portico']), peak(['betterAuth', 'betterAuthSession'])]
  const lines = memory.map((row) => `| ${row.name} | ${row.idle} | ${row.now} |`)
  const verdict = mine > 0 && theirs > 0 ? `\n\nPeak under load: Portico ${mine} MB, Better Auth ${theirs} MB: ${number(mine / theirs, 2)} (goal ≤ 0.75, ${mine / theirs <= 0.75 ? 'reached' : '**not reached**'}).` : ''
  return `${['| Process | Resident when idle, MB | After the run, MB |', '| --- | ---: | ---: |', ...lines].join('\n')}${verdict}`
}
