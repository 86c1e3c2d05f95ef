import type { Command } from 'commander'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'

interface DomainOptions {
  project?: string
  yes?: boolean
}

export function addDomainCommands(program: Command, io: Io): void {
  const domains = program.command('domains').description('host names of a project')

  domains
    .command('list')
    .description('list them')
    .option('--project <id>')
    .action(
      action<DomainOptions>(io, async (context, { project }) => {
        const { data: rows } = await context.waitFor('Reading domains', context.platform().domains.list(context.projectId(project)))
        context.output.result(rows, () =>
          table(
            ['id', 'host name', 'verified'],
            rows.map((row) => [row.id, row.hostname, row.verifiedAt]),
            'No domains: `portico domains add` announces one.',
          ),
        )
      }),
    )

  domains
    .command('add')
    .description('announce a host name; it serves nothing before its proof')
    .argument('<hostname>')
    .option('--project <id>')
    .addHelpText('after', examples('portico domains add auth.todo.example --project proj_…'))
    .action(
      action<DomainOptions>(io, async (context, { project }, [hostname]) => {
        const added = await context.waitFor('Adding', context.platform().domains.add(context.projectId(project), hostname!))
        context.output.result(added, () => fields(Object.entries(added)))
      }),
    )

  domains
    .command('verify')
    .description('look the proof up')
    .argument('<domain>', 'its id')
    .option('--project <id>')
    .action(
      action<DomainOptions>(io, async (context, { project }, [id]) => {
        const verified = await context.waitFor('Looking it up', context.platform().domains.verify(context.projectId(project), id!))
        context.output.result(verified, () => fields(Object.entries(verified)))
      }),
    )

  domains
    .command('remove')
    .description('remove a host name')
    .argument('<domain>', 'its id')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<DomainOptions>(io, async (context, { project, yes }, [id]) => {
        if (!yes) await confirm(context.io, `Remove ${id}? Whatever is served there stops.`, id!)
        await context.waitFor('Removing', context.platform().domains.remove(context.projectId(project), id!))
        context.output.result({ id, removed: true }, () => `Removed ${id}.`)
      }),
    )
}
