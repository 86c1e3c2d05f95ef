/** One row of the table of fault runs in docs/figures.md. */
export interface FaultRow {
  name: string
  promises: string
  done: string
  measured: string
  passed: string
  /** Date and commit. */
  when: string
}

const MARKERS = ['<!-- faults:begin -->', '<!-- faults:end -->'] as const
const HEAD = ['| Run | Promises | What was done | What was measured | Passed | When, commit |', '| --- | --- | --- | --- | --- | --- |']

/** The file with these rows put in, in the order of `names`; rows of other runs stay as they are. Without the markers the file stays. */
export function withFaultRows(file: string, about: string, rows: readonly FaultRow[], names: readonly string[]): string {
  const [from, to] = [file.indexOf(MARKERS[0]), file.indexOf(MARKERS[1])]
  if (from < 0 || to < from) return file
  const section = file.slice(from + MARKERS[0].length, to)
  const lines = new Map<string, string>()
  for (const line of section.split('\n'))
    if (line.startsWith('| ') && !HEAD.includes(line)) lines.set(line.split(' | ')[0]?.slice(2) ?? '', line)
  for (const row of rows)
    lines.set(cell(row.name), `| ${[row.name, row.promises, row.done, row.measured, row.passed, row.when].map(cell).join(' | ')} |`)
  const known = names.map((name) => lines.get(cell(name))).filter((line) => line !== undefined)
  return `${file.slice(0, from + MARKERS[0].length)}\n\n${[about, '', ...HEAD, ...known].join('\n')}\n\n${file.slice(to)}`
}

const cell = (text: string) => text.replaceAll('|', '/').replaceAll(/\s+/g, ' ')
