import { oneLine } from '../printable.js'

const MAX_LENGTH = 200

/** What a provider said in words, for whoever looks for a mail that did not arrive. Never for the log: it may quote an address. */
export function answerDetail(text: unknown): { detail?: string } {
  const detail = typeof text === 'string' ? oneLine(text, MAX_LENGTH) : ''
  return detail === '' ? {} : { detail }
}
