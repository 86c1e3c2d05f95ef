import type { Command } from 'commander'
import { action } from '../command-action.js'
import type { Io } from '../io.js'
import { table } from '../output.js'

interface SuppressionOptions {
  project?: string
}

/** Addresses whose mails came back for good, or whose owners complained. */
export function addSuppressionCommands(suppressions: Command, io: Io): void {
  suppressions
    .command('list')
    .description('since a mail came back for good or was reported as spam; the latest thousand')
    .option('--project <id>')
    .action(
      action<SuppressionOptions>(io, async (context, { project }) => {
        const rows = await context.waitFor('Reading the addresses', context.platform().mail.suppressions(context.projectId(project)))
        context.output.result(rows, () =>
          table(
            ['address', 'reason', 'since'],
            rows.map((row) => [row.address, row.reason, row.since]),
            'Every address gets mail.',
          ),
        )
      }),
    )

  suppressions
    .command('release')
    .description('mail an address again')
    .argument('<address>')
    .option('--project <id>')
    .action(
      action<SuppressionOptions>(io, async (context, { project }, [address]) => {
        await context.waitFor('Releasing it', context.platform().mail.release(context.projectId(project), address!))
        context.output.result({ address, released: true }, () => `Mails to ${address} go out again.`)
      }),
    )
}
