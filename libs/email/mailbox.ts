import { UNPRINTABLE } from './printable.js'

/** Whom a mail is from. */
export interface Mailbox {
  address: string
  name: string | null
}

const MAX_NAME_LENGTH = 100
// One address and nothing else: what ends it, or begins another, is not in it.
const ADDRESS = /^[^\s<>@,;:"()[\]\\]+@[^\s<>@,;:"()[\]\\]+\.[^\s<>@,;:"()[\]\\]+$/
const FORM = /^(?:([^<>]*?)\s*<([^<>]+)>|([^<>]+))$/

/** Reads `address` or `Name <address>`; `null` for anything else. */
export function readMailbox(text: string): Mailbox | null {
  const [, name = '', bracketed, bare] = FORM.exec(text.trim()) ?? []
  const address = (bracketed ?? bare ?? '').trim()
  if (!ADDRESS.test(address) || address.length > 254) return null
  return { address, name: plainName(name) }
}

/** RFC 5322, 3.4: a quoted name reads the same whatever it is made of. */
export function writeMailbox({ address, name }: Mailbox): string {
  return name === null ? address : `"${name.replace(/[\\"]/g, '\\$&')}" <${address}>`
}

/** A name as it may stand before an address: one line, no quotes or angle brackets; `null` when nothing is left. */
export function plainName(name: string): string | null {
  const plain = name.replace(UNPRINTABLE, ' ').replace(/["<>\\]/g, '').replace(/\s+/g, ' ').trim()
  return plain === '' ? null : [...plain].slice(0, MAX_NAME_LENGTH).join('')
}
