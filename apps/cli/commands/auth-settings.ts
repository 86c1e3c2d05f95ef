import type { AuthSettingsPatch, SettingsPreview } from '@portico/sdk'
import type { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { shown } from '../output.js'
import { confirm, readAll } from '../read-secret.js'
import { readText } from '../read-text.js'
import { jsonObject } from './projects.js'

interface FileOptions {
  project?: string
  file: string
  exitCode?: boolean
  force?: boolean
  yes?: boolean
}

/** What a change does before it is made; and settings in a file, as a repository keeps them. */
export function addAuthSettingsCommands(auth: Command, io: Io): void {
  auth
    .command('diff')
    .description('what a file of settings would change, and what that does to people who are there; changes nothing')
    .option('--project <id>')
    .requiredOption('--file <path>', 'a JSON object of settings, named as in the HTTP API; - reads standard input')
    .option('--exit-code', 'end with 1 when there is a difference')
    .option('--force', 'as `apply --force` would change it')
    .addHelpText('after', examples('portico auth diff --project proj_… --file auth.json', 'portico auth diff --file auth.json --exit-code'))
    .action(
      action<FileOptions>(io, async (context, options) => {
        const preview = await previewOf(context, options, await settingsIn(context, options))
        context.output.result(preview, () => describePreview(preview))
        if (options.exitCode && preview.changes.length > 0) throw new CliError('settings_differ', differ(preview.changes.length))
      }),
    )

  auth
    .command('apply')
    .description('make the settings those of a file; asks first when people or sessions that are there are touched')
    .option('--project <id>')
    .requiredOption('--file <path>', 'a JSON object of settings, named as in the HTTP API; - reads standard input')
    .option('--force', 'also when people who have no other way in are locked out')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('portico auth apply --project proj_… --file auth.json --yes'))
    .action(
      action<FileOptions>(io, async (context, options) => {
        const settings = await settingsIn(context, options)
        const project = context.projectId(options.project)
        const preview = await previewOf(context, options, settings)
        if (preview.refused) throw new CliError(preview.refused.code, preview.refused.message, { details: preview.refused.details })
        if (preview.changes.length > 0) {
          if (touchesSomebody(preview) && !options.yes) {
            context.output.note(describePreview(preview))
            await confirm(context.io, `Change ${differ(preview.changes.length)}`, 'apply')
          }
          const forced = options.force ? { ...settings, force: true } : settings
          await context.waitFor('Changing auth', context.platform().projects.auth.update(project, forced))
        }
        context.output.result({ ...preview, dryRun: false }, () => describePreview(preview))
      }),
    )
}

const differ = (count: number): string => `${count} ${count === 1 ? 'setting differs' : 'settings differ'}.`

const touchesSomebody = (preview: SettingsPreview): boolean =>
  preview.changes.some(({ effects }) => effects.some(({ count }) => (count ?? 0) > 0))

async function settingsIn(context: Context, { file }: FileOptions): Promise<AuthSettingsPatch> {
  const text = file === '-' ? await readAll(context.io) : readText(file)
  return jsonObject(text, '--file') as AuthSettingsPatch
}

function previewOf(context: Context, { project, force }: FileOptions, settings: AuthSettingsPatch): Promise<SettingsPreview> {
  const asked = force ? { ...settings, force: true } : settings
  return context.waitFor('Looking', context.platform().projects.auth.preview(context.projectId(project), asked))
}

export function describePreview({ changes, refused, countsAre }: SettingsPreview): string {
  if (changes.length === 0) return 'Nothing differs.'
  const lines = changes.flatMap(({ setting, from, to, effects }) => [
    `${setting}: ${shown(from)} -> ${shown(to)}`,
    ...effects.map(({ text }) => `  ${shown(text)}`),
  ])
  if (countsAre === 'estimated') lines.push('', 'Numbers are estimates.')
  if (refused) lines.push('', `Refused: ${shown(refused.message)}`)
  return lines.join('\n')
}
