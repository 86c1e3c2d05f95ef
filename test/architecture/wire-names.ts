/** A property in snake_case that a source file gives to an object it builds. */
export interface WireName {
  line: number
  name: string
}

// Types after a colon: of the language, or with a capital. As a value that would be a class, which no answer holds.
const TYPE =
  /^(?:(?:string|number|boolean|unknown|object|null|undefined)\b|(?:true|false)\s*[;|}\n]|''|\(?[A-Z][A-Za-z]*(?:Row)?(?:<|\[|\]|\s*[|&;,}\n]|$)|\{)/
// Where names are those of rows, which keep them for as long as the rows live: audit metadata and the payload of an outbox row.
const STORED = /(?:payload|metadata)\s*[:=][^;{}\n]*$/

/**
 * The keys in snake_case of the objects that a TypeScript source builds, but for audit metadata and outbox payloads. Reads text, not
 * syntax: it knows comments, strings, types and destructuring well enough for the domain's own files, and what it takes for an object by
 * mistake shows in the test.
 */
export function wireNames(source: string): WireName[] {
  const text = blank(source)
  const found: WireName[] = []
  for (const match of text.matchAll(/(?<=[{,(\n]\s*)([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\s*:(?!:)\s*/g)) {
    const after = text.slice(match.index + match[0].length)
    const [open, outer] = enclosing(text, match.index)
    if (open === null || TYPE.test(after) || isPattern(text, open) || outer.some((at) => STORED.test(text.slice(0, at)))) continue
    found.push({ line: text.slice(0, match.index).split('\n').length, name: match[1]! })
  }
  return found
}

/** Comments and the insides of strings, as long as they were, so that positions stay. */
function blank(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, (part) =>
    part.startsWith('/') ? part.replaceAll(/[^\n]/g, ' ') : `''${part.slice(2).replaceAll(/[^\n]/g, ' ')}`,
  )
}

/** The brace that a position stands in, and all of them outwards. */
function enclosing(text: string, position: number): [number | null, number[]] {
  const open: number[] = []
  let depth = 0
  for (let at = position - 1; at >= 0; at--) {
    if (text[at] === '}') depth += 1
    else if (text[at] === '{') {
      if (depth === 0) open.push(at)
      else depth -= 1
    }
  }
  return [open[0] ?? null, open]
}

/** Names on the left of an assignment, or of a parameter: they take an object apart. */
function isPattern(text: string, open: number): boolean {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth += 1
    else if (text[at] === '}' && --depth === 0) {
      const after = text.slice(at + 1)
      return /^\s*(?:=(?![=>])|\)\s*=>)/.test(after) || (/^\s*:\s*[A-Z{]/.test(after) && /[(,]\s*$/.test(text.slice(0, open)))
    }
  }
  return false
}
