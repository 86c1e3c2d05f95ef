import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname
const LONGEST = 140
// Written by a program, fixed once applied, or the text of somebody else.
const NOT_OURS = /(^|\/)generated|^prisma\/(schema\.sql|migrations\/)|^docs\/(figures|settings)\.md$|NOTICE|LICENSE/
const CODE = /\.(tsx?|mjs)$/

const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mjs', '*.sql', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !NOT_OURS.test(file))

const COMMENT = /^\s*(\/\/|\/?\*)/

/** The lines on which the text of a literal stands: breaking it would make it harder to read and to search for. */
function linesOfLiterals(lines: readonly string[]): Set<number> {
  const found = new Set<number>()
  let insideTemplate = false
  for (const [at, line] of lines.entries()) {
    if (!insideTemplate && COMMENT.test(line)) continue
    const ticks = [...line.replaceAll(/\\./g, '').matchAll(/`/g)].length
    if (insideTemplate || ticks > 0 || /'(?:[^'\\]|\\.){41,}'|"(?:[^"\\]|\\.){41,}"|\/(?:[^/\\]|\\.){41,}\//.test(line)) found.add(at)
    if (ticks % 2 === 1) insideTemplate = !insideTemplate
  }
  return found
}

function tooLong(file: string): number[] {
  const text = readFileSync(ROOT + file, 'utf8')
  const long = text.split('\n').flatMap((line, at) => (line.length > LONGEST && !/https?:\/\//.test(line) ? [{ line, at }] : []))
  if (long.length === 0) return []
  if (file.endsWith('.md')) {
    // Tables, and what is quoted as code.
    const fenced = new Set<number>()
    let inside = false
    for (const [at, line] of text.split('\n').entries()) {
      if (line.trimStart().startsWith('```')) inside = !inside
      if (inside) fenced.add(at)
    }
    return long.filter(({ line, at }) => !/^\s*[|#]/.test(line) && !fenced.has(at)).map(({ at }) => at + 1)
  }
  const literals = CODE.test(file) ? linesOfLiterals(text.split('\n')) : new Set<number>()
  return long.filter(({ at }) => !literals.has(at)).map(({ at }) => at + 1)
}

describe(`lines wrap at ${LONGEST}`, () => {
  test('in all our sources and pages', () => {
    const problems = files.flatMap((file) => tooLong(file).map((line) => `${file}:${line}`))
    expect(problems).toEqual([])
  })
})
