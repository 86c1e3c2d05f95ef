/** A property in snake_case that a source file gives to an object it builds. */
export interface WireName {
  line: number
  name: string
}

// Types after a colon: of the language, or with a capital. As a value that would be a class, which no answer holds.
const TYPE =
  /^(?:(?:string|number|boolean|unknown|object|null|undefined)\b|(?:true|false)\s*[;|}\n]|''|\(?[A-Z][A-Za-z]*(?:Row)?(?:<|\[|\]|\s*[|&;,}\n]|$)|\{)/

/**
 * The keys in snake_case of the objects that a TypeScript source builds. Reads text, not syntax: it knows comments, strings, types and
 * destructuring well enough for the domain's own files, and what it takes for an object by mistake shows in the test.
 */
export function wireNames(source: string): WireName[] {
  const text = blank(source)
  const found: WireName[] = []
  for (const match of text.matchAll(/(?<=[{,(\n]\s*)([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\s*:(?!:)\s*/g)) {
    const after = text.slice(match.index + match[0].length)
    const open = enclosing(text, match.index)
    if (open === null || TYPE.test(after) || isPattern(text, open)) continue
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

/** The brace that a position stands in. */
function enclosing(text: string, position: number): number | null {
  let depth = 0
  for (let at = position - 1; at >= 0; at--) {
    if (text[at] === '}') depth += 1
    else if (text[at] === '{') {
      if (depth === 0) return at
      depth -= 1
    }
  }
  return null
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
