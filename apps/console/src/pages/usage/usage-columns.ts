import type { UsageRow } from '@portico/sdk'

export interface Figure {
  key: string
  title: string
  of: (row: UsageRow) => number | null
}

export const FIGURES: readonly Figure[] = [
  { key: 'active_people', title: 'Active people', of: (row) => row.activePeople },
  { key: 'stored_people', title: 'People', of: (row) => row.storedPeople },
  { key: 'sign_ups', title: 'Sign-ups', of: (row) => row.signUps },
  { key: 'sign_ins', title: 'Sign-ins', of: (row) => row.signIns },
  { key: 'mails_sent', title: 'Mail sent', of: (row) => row.mails.sent },
  { key: 'mails_lost', title: 'Not sent', of: (row) => row.mails.dead + row.mails.notSent },
  { key: 'webhooks_delivered', title: 'Webhooks', of: (row) => row.webhooks.delivered },
  // A process that is killed loses what it has not written down, so this is no less than that.
  { key: 'hash_seconds_at_least', title: 'Hashing, s ≥', of: (row) => Math.floor(row.hashMs / 1000) },
]

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** For a spreadsheet: the id of a row is the same at every export. */
export function asCsv(rows: readonly UsageRow[]): string {
  const head = ['id', 'period', 'project_id', 'project_name', 'final', ...FIGURES.map(({ key }) => key)]
  const lines = rows.map((row) => [
    row.id,
    row.period,
    row.projectId ?? '',
    row.projectName ?? '',
    String(row.final),
    ...FIGURES.map(({ of }) => String(of(row) ?? '')),
  ])
  return [head, ...lines].map((line) => line.map(quoted).join(',')).join('\n') + '\n'
}
