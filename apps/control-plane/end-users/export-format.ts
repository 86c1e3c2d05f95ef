import type { EndUser } from '@portico/end-user/records/end-user'
import { endUserAnswer } from './end-user.answer.js'

const COLUMNS = [
  'id',
  'email',
  'email_verified',
  'disabled',
  'created_at',
  'updated_at',
  'last_sign_in_at',
  'metadata',
  'app_metadata',
] as const

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export const EXPORT_TYPES: Record<ExportFormat, string> = { ndjson: 'application/x-ndjson; charset=utf-8', csv: 'text/csv; charset=utf-8' }

/** The text of an export, page by page. */
export async function* exportText(pages: AsyncIterable<EndUser[]>, format: ExportFormat): AsyncGenerator<string> {
  if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`
  for await (const users of pages) if (users.length > 0) yield users.map(format === 'csv' ? csvLine : jsonLine).join('')
}

const jsonLine = (user: EndUser): string => `${JSON.stringify(endUserAnswer(user))}\n`

/** RFC 4180. */
function csvLine(user: EndUser): string {
  const answer = endUserAnswer(user)
  return `${COLUMNS.map((column) => csvCell(answer[column])).join(',')}\r\n`
}

/** A cell that begins like a formula is run by spreadsheets (OWASP, CSV injection): an address may begin with `=`, `+` or `-`. */
function csvCell(value: unknown): string {
  const plain = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  const text = /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
