import type { Domain } from '@portico/sdk'
import type { Command } from 'commander'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'

interface DomainOptions {
  project?: string
  yes?: boolean
  force?: boolean
}

const FORCE = 'although people whose only way in is a passkey of this host are locked out'

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
            ['id', 'host name', 'state', 'main', 'verified'],
            rows.map((row) => [row.id, row.hostname, row.state, row.main, row.verifiedAt]),
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
        context.output.result(added, () => describe(added))
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
        context.output.result(verified, () => describe(verified))
      }),
    )

  domains
    .command('main')
    .description('lead mailed links there from now on; tokens name it where `token_issuer` is `main_domain`')
    .argument('<domain>', 'its id')
    .option('--project <id>')
    .action(
      action<DomainOptions>(io, async (context, { project }, [id]) => {
        const main = await context.waitFor('Changing it', context.platform().domains.makeMain(context.projectId(project), id!))
        context.output.result(main, () => describe(main))
      }),
    )

  domains
    .command('hand-over')
    .description('give it with its proof to another project of your tenant')
    .argument('<domain>', 'its id')
    .requiredOption('--to <project>', 'the project that gets it')
    .option('--force', FORCE)
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('portico domains hand-over dom_… --to proj_… --project proj_…'))
    .action(
      action<DomainOptions & { to: string }>(io, async (context, { project, to, force, yes }, [id]) => {
        const from = context.projectId(project)
        if (!yes) await confirm(context.io, `Hand ${id} over to ${to}? From then on it is that project's.`, id!)
        const input = { projectId: to, ...(force && { force }) }
        const given = await context.waitFor('Handing it over', context.platform().domains.handOver(from, id!, input))
        context.output.result(given, () => `${given.id} belongs to ${given.projectId} now.`)
      }),
    )

  domains
    .command('remove')
    .description('remove a host name')
    .argument('<domain>', 'its id')
    .option('--force', FORCE)
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<DomainOptions>(io, async (context, { project, force, yes }, [id]) => {
        if (!yes) await confirm(context.io, `Remove ${id}? Whatever is served there stops.`, id!)
        const { domains: api } = context.platform()
        await context.waitFor('Removing', api.remove(context.projectId(project), id!, force ? { force } : {}))
        context.output.result({ id, removed: true }, () => `Removed ${id}.`)
      }),
    )
}

/** With what has to be published. */
function describe({ records, verification: _proof, ...rest }: Domain): string {
  const asked = table(
    ['type', 'name', 'value', 'found'],
    records.map((row) => [row.type, row.name, row.value, row.found]),
    '',
  )
  return `${fields(Object.entries(rest))}\n\n${asked}`
}
