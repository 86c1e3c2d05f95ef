import { existsSync, readFileSync } from 'node:fs'

// Beside this file in the sources, one folder up from the compiled one.
const CANDIDATES = [new URL('./common-passwords.txt', import.meta.url), new URL('../common-passwords.txt', import.meta.url)]
const COMMENT = '# '

let entries: ReadonlySet<string> | null = null

/** Whether the password, in NFKC, is among the shipped common and breached ones; letter case does not matter. */
export function isCommonPassword(normalised: string): boolean {
  return commonPasswords().has(normalised.toLowerCase())
}

/** The shipped list (about 2 MB in memory), read at the first use and kept. Call it at start so that no request pays for it. */
export function commonPasswords(): ReadonlySet<string> {
  return (entries ??= readList())
}

function readList(): ReadonlySet<string> {
  const file = CANDIDATES.find((url) => existsSync(url))
  if (!file) throw new Error('common-passwords.txt is missing from the crypto package.')
  const lines = readFileSync(file, 'utf8').split('\n')
  return new Set(lines.filter((line) => line !== '' && !line.startsWith(COMMENT)))
}
