import { existsSync, readFileSync } from 'node:fs'

// Beside this file in the sources, below the package root from the compiled one.
const CANDIDATES = [new URL('./disposable-domains.txt', import.meta.url), new URL('../../abuse/disposable-domains.txt', import.meta.url)]

let domains: ReadonlySet<string> | null = null

/** Whether mail to the domain, or to one above it, goes to a throw-away mailbox, as far as the shipped list knows. */
export function isDisposableDomain(domain: string): boolean {
  domains ??= readList()
  const labels = domain.split('.')
  return labels.some((_, from) => from < labels.length - 1 && domains!.has(labels.slice(from).join('.')))
}

function readList(): ReadonlySet<string> {
  const file = CANDIDATES.find((url) => existsSync(url))
  if (!file) throw new Error('disposable-domains.txt is missing from the end-user package.')
  return new Set(readFileSync(file, 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#')))
}
