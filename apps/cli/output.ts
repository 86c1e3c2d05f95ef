import type { Io } from './io.js'
import { toWire } from './wire.js'

/** Results go to stdout, everything else to stderr: `portico … --json | jq` never meets a stray line. */
export class Output {
  private readonly io: Io
  readonly json: boolean

  constructor(io: Io, json: boolean) {
    this.io = io
    this.json = json
  }

  /** `{"data": …}` in the wire's snake_case with `--json`, else the text. */
  result(data: unknown, text: () => string, page?: unknown): void {
    if (this.json) {
      this.io.stdout.write(
        `${JSON.stringify(page === undefined ? { data: toWire(data) } : { data: toWire(data), page: toWire(page) }, null, 2)}\n`,
      )
      return
    }
    const shown = text()
    if (shown !== '') this.io.stdout.write(`${shown}\n`)
  }

  /** One JSON value per line: for lists that never end. */
  jsonLine(data: unknown): void {
    this.io.stdout.write(`${JSON.stringify(toWire(data))}\n`)
  }

  line(text: string): void {
    this.io.stdout.write(`${text}\n`)
  }

  note(text: string): void {
    if (!this.json) this.io.stderr.write(`${text}\n`)
  }

  warn(text: string): void {
    this.io.stderr.write(this.json ? `${JSON.stringify({ warning: { message: text } })}\n` : `Warning: ${text}\n`)
  }

  /** Says what is being waited for once it has taken a second. With `--json` only a terminal is told: a pipe gets nothing but JSON. */
  async progress<T>(title: string, work: Promise<T>): Promise<T> {
    const { stderr } = this.io
    const started = Date.now()
    let told = false
    const tell = () => {
      const seconds = Math.round((Date.now() - started) / 1000)
      if (stderr.isTTY) stderr.write(`\r${title} … ${seconds} s`)
      else if (!told && !this.json) stderr.write(`${title} …\n`)
      told = true
    }
    const timer = setInterval(tell, 1000)
    try {
      return await work
    } finally {
      clearInterval(timer)
      if (told && stderr.isTTY) stderr.write('\r\u001B[K')
    }
  }
}

// Names and addresses come from strangers: an escape sequence in one must not reach the operator's terminal.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g

export function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(shown).join(', ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value as number)
  return text.replaceAll(CONTROL, '\uFFFD')
}

/** Columns padded to their widest cell. */
export function table(headings: string[], rows: unknown[][], empty: string): string {
  if (rows.length === 0) return empty
  const cells = [headings.map((heading) => heading.toUpperCase()), ...rows.map((row) => row.map(shown))]
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells
    .map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '))
    .join('\n')
}

/** One `name  value` line per field. */
export function fields(entries: [string, unknown][]): string {
  const width = Math.max(...entries.map(([name]) => name.length))
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${shown(value)}`).join('\n')
}
