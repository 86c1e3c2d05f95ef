import type { UsageRow } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { action, examples, integer } from '../command-action.js'
import type { Io } from '../io.js'
import { listAll, type ListOptions } from '../list-all.js'
import { table } from '../output.js'

interface UsageOptions extends ListOptions {
  project?: string
  from?: string
  to?: string
  by: 'day' | 'month'
  together?: boolean
}

export function addUsageCommand(program: Command, io: Io): void {
  program
    .command('usage')
    .description('what projects used: people, sign-ins, mails, webhooks')
    .option('--project <id>', 'only this project; without it every project of the tenant')
    .option('--from <instant>', 'RFC 3339; default: the first of this month')
    .option('--to <instant>', 'RFC 3339; default: now')
    .addOption(new Option('--by <period>', 'day or month of UTC').choices(['day', 'month']).default('month'))
    .option('--together', 'all projects in one row')
    .option('--limit <n>', 'at most this many rows', integer('--limit', 1, 100_000), 1_000)
    .addHelpText(
      'after',
      `\nA row marked «final» does not change any more. Hashing time is «at least»: a killed process loses its last ten seconds.\n${examples('portico usage --by day --project proj_…', 'portico usage --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z --json')}`,
    )
    .action(
      action<UsageOptions>(io, async (context, { project, by, together, limit, ...window }) => {
        const { usage } = context.platform()
        const query = { interval: by, limit: Math.min(limit, 100), ...window }
        const listing =
          project === undefined
            ? usage.list({ ...query, ...(together && { groupBy: 'tenant' as const }) })
            : usage.ofProject(project, query)
        await listAll(context, 'Reading usage', listing, limit, (rows) => table(TITLES, rows.map(cells), 'Nothing.'))
      }),
    )
}

const TITLES = ['period', 'project', 'active', 'sign-ups', 'sign-ins', 'mails', 'webhooks', 'hash ms ≥', 'people', 'final']

function cells(row: UsageRow) {
  const { period, projectName, projectId, activePeople, signUps, signIns, mails, webhooks, hashMs, storedPeople, final } = row
  const name = projectName ?? projectId ?? 'all'
  return [period, name, activePeople, signUps, signIns, mails.sent, webhooks.delivered, hashMs, storedPeople, final]
}
