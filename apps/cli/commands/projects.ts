import type { Project } from '@portico/sdk'
import type { Command } from 'commander'
import { action, examples, integer } from '../command-action.js'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'
import { listAll, type ListOptions } from '../list-all.js'

interface CreateOptions {
  slug?: string
  externalId?: string
  metadata?: string
  id?: boolean
}

export function addProjectCommands(program: Command, io: Io): void {
  const projects = program.command('projects').description('one project is one app')

  projects
    .command('create')
    .description('create a project')
    .argument('<name>')
    .option('--slug <slug>', 'short name for URLs')
    .option('--external-id <id>', 'your own id of it')
    .option('--metadata <json>', 'a JSON object of your own')
    .option('--id', 'print only the id')
    .addHelpText('after', examples('portico projects create "Todo"', 'PROJECT=$(portico projects create Todo --id)'))
    .action(
      action<CreateOptions>(io, async (context, options, [name]) => {
        const project = await context.waitFor(
          'Creating the project',
          context.platform().projects.create({
            name: name!,
            ...(options.slug === undefined ? {} : { slug: options.slug }),
            ...(options.externalId === undefined ? {} : { externalProjectId: options.externalId }),
            ...(options.metadata === undefined ? {} : { metadata: jsonObject(options.metadata, '--metadata') }),
          }),
        )
        context.output.result(project, () => (options.id ? project.id : describe(project)))
        if (!options.id) context.output.note(`\nNext: portico data auth enable --project ${project.id}`)
      }),
    )

  projects
    .command('list')
    .description('list projects')
    .option('--search <text>', 'in name and slug')
    .option('--archived', 'the archived ones instead')
    .option('--limit <n>', 'at most this many', integer('--limit', 1, 10_000), 100)
    .action(
      action<ListOptions & { search?: string; archived?: boolean }>(io, async (context, { limit, search, archived }) => {
        const listing = context.platform().projects.list({
          limit: Math.min(limit, 100),
          ...(search === undefined ? {} : { search }),
          ...(archived === undefined ? {} : { archived }),
        })
        await listAll(context, 'Reading projects', listing, limit, (rows) =>
          table(
            ['id', 'name', 'slug', 'created'],
            rows.map((row) => [row.id, row.name, row.slug, row.createdAt]),
            'No projects yet: `portico projects create <name>`.',
          ),
        )
      }),
    )

  projects
    .command('show')
    .description('show one project')
    .argument('[project]', 'its id; without it --project, PORTICO_PROJECT or the profile says which')
    .option('--project <id>')
    .action(
      action<{ project?: string }>(io, async (context, options, [given]) => {
        const project = await context.waitFor(
          'Reading the project',
          context.platform().projects.get(context.projectId(given ?? options.project)),
        )
        context.output.result(project, () => describe(project))
      }),
    )

  projects
    .command('delete')
    .description('archive a project: its auth stops at once, its data is purged after 30 days')
    .argument('<project>', 'its id')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('portico projects delete proj_…'))
    .action(action<{ yes?: boolean }>(io, remove))
}

async function remove(context: Context, options: { yes?: boolean }, [id]: (string | undefined)[]): Promise<void> {
  const portico = context.platform()
  if (!options.yes) {
    const project = await context.waitFor('Reading the project', portico.projects.get(id!))
    await confirm(context.io, `Delete project "${project.name}" (${project.id})? Its users can no longer log in.`, project.name)
  }
  const deleted = await context.waitFor('Deleting the project', portico.projects.delete(id!))
  context.output.result(deleted, () => `Archived ${id}. It is purged after 30 days.`)
}

function describe(project: Project): string {
  return fields([
    ['id', project.id],
    ['name', project.name],
    ['slug', project.slug],
    ['external id', project.externalProjectId],
    ['metadata', project.metadata],
    ['created', project.createdAt],
  ])
}

export function jsonObject(text: string, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Told below, without the text: it may hold something private.
  }
  throw new CliError('invalid_json', `${name} must be a JSON object, such as '{"plan": "free"}'.`)
}
