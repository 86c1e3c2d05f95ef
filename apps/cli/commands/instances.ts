import type { Command } from 'commander'
import { action, integer } from '../command-action.js'
import type { Io } from '../io.js'
import { listAll, type ListOptions } from '../list-all.js'
import { table } from '../output.js'

export function addInstanceCommands(program: Command, io: Io): void {
  const instances = program.command('instances').description('running instances of a project')
  instances
    .command('list')
    .description('who runs, and on which version of the environment')
    .option('--project <id>')
    .option('--live', 'only those that still run')
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 10_000), 100)
    .action(
      action<ListOptions & { project?: string; live?: boolean }>(io, async (context, { project, live, limit }) => {
        const listing = context
          .platform()
          .instances.list(context.projectId(project), { limit: Math.min(limit, 100), ...(live ? { live } : {}) })
        await listAll(context, 'Reading instances', listing, limit, (rows) =>
          table(
            ['id', 'name', 'live', 'environment', 'current', 'booted', 'last seen'],
            rows.map((row) => [row.id, row.name, row.live, row.envVersion, row.current, row.bootedAt, row.lastSeenAt]),
            'No instances.',
          ),
        )
      }),
    )
}
