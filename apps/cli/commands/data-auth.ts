import type { AuthService, AuthSettingsPatch, Rotation } from '@portico/sdk'
import type { Command } from 'commander'
import { action, examples, integer } from '../command-action.js'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { fields, shown } from '../output.js'
import { mergeFlags, settingFlags, withSettingFlags } from '../setting-flags.js'
import { snakeCase } from '../wire.js'
import { confirm } from '../read-secret.js'
import { addAuthBrandingCommands } from './auth-branding.js'
import { addAuthProviderCommands } from './auth-providers.js'
import { addCaptchaCommands } from './captcha.js'
import { addAuthSettingsCommands, describePreview } from './auth-settings.js'
import { jsonObject } from './projects.js'

interface SettingOptions extends Record<string, unknown> {
  project?: string
  settings?: string
}

interface RotateOptions {
  project?: string
  immediate?: boolean
  deadlineSeconds?: number
  status?: boolean
  switch?: boolean
  cancel?: boolean
  yes?: boolean
}

/** `portico data auth …`, as the platform's documentation spells it. */
export function addDataAuthCommands(program: Command, io: Io): void {
  addAuthCommands(program.command('data').description("a project's managed data services").command('auth').description('managed auth'), io)
  addAuthCommands(program.command('auth').description('managed auth; the same as `data auth`'), io)
}

function addAuthCommands(auth: Command, io: Io): void {

  withSettings(auth.command('enable').description('turn auth on; a second time changes the given settings and keeps secret and users'))
    .addHelpText(
      'after',
      examples(
        'portico data auth enable --project proj_…',
        'portico data auth enable --project proj_… --allow-signups yes --providers email --site-url https://todo.example',
        `portico data auth enable --project proj_… --settings '{"password_min_length": 12}'`,
      ),
    )
    .action(
      action<SettingOptions>(io, async (context, options) => {
        const project = context.projectId(options.project)
        const service = await context.waitFor('Enabling auth', context.platform().projects.auth.enable(project, settingsOf(options)))
        context.output.result(service, () => describe(service))
        context.output.note(
          `\nInstances booted from now on get AUTH_URL and AUTH_JWT_SECRET. Next: portico run --project ${project} -- <command>`,
        )
      }),
    )

  auth
    .command('status')
    .description('show whether auth is on, its address, settings and keys')
    .option('--project <id>')
    .action(
      action<{ project?: string }>(io, async (context, options) => {
        const service = await context.waitFor('Reading auth', context.platform().projects.auth.get(context.projectId(options.project)))
        context.output.result(service, () => describe(service))
      }),
    )

  withSettings(auth.command('update').description('change settings; null in --settings restores a default'))
    .option('--force', 'change site_url, rp_id or providers although people who have no other way in are locked out')
    .option('--dry-run', 'say what it would do to people who are there, and change nothing')
    .addHelpText(
      'after',
      examples(
        'portico data auth update --project proj_… --allow-signups no',
        `portico data auth update --project proj_… --settings '{"access_token_ttl_seconds": null}'`,
      ),
    )
    .action(
      action<SettingOptions & { force?: boolean; dryRun?: boolean }>(io, async (context, { force, dryRun, ...options }) => {
        const settings = settingsOf(options)
        if (Object.keys(settings).length === 0) throw new CliError('nothing_to_change', 'Name at least one setting; --help lists them.')
        const api = context.platform().projects.auth
        const project = context.projectId(options.project)
        const asked = force ? { ...settings, force } : settings
        if (dryRun) {
          const preview = await context.waitFor('Looking', api.preview(project, asked))
          return context.output.result(preview, () => describePreview(preview))
        }
        const service = await context.waitFor('Changing auth', api.update(project, asked))
        context.output.result(service, () => describe(service))
      }),
    )

  auth
    .command('disable')
    .description('turn auth off; users and secret are kept')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<{ project?: string; yes?: boolean }>(io, async (context, options) => {
        const project = context.projectId(options.project)
        if (!options.yes) await confirm(context.io, `Turn auth off for ${project}? Users cannot log in until it is on again.`, 'off')
        const service = await context.waitFor('Disabling auth', context.platform().projects.auth.disable(project))
        context.output.result(service, () => `Auth is off for ${project}. Users and secret are kept.`)
      }),
    )

  auth
    .command('rotate')
    .description('rotate the signing secret')
    .option('--project <id>')
    .option('--immediate', 'for a secret that leaked: every token signed with the old one is invalid at once')
    .option('--deadline-seconds <n>', 'switch by then even if an instance has not restarted', integer('--deadline-seconds', 60, 604_800))
    .option('--status', 'show the rotation under way')
    .option('--switch', 'switch now, without waiting for the remaining instances')
    .option('--cancel', 'stop a rotation that has not switched yet')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
Without --immediate no user notices: the next secret signs once every running instance has it and reads AUTH_JWT_SECRET_NEXT.
Instances that read only AUTH_JWT_SECRET are named: switch with --switch when you can restart them right after.
${examples('portico data auth rotate --project proj_…', 'portico data auth rotate --project proj_… --status', 'portico data auth rotate --project proj_… --immediate')}`,
    )
    .action(action<RotateOptions>(io, rotate))

  addAuthProviderCommands(auth, io)
  addAuthBrandingCommands(auth, io)
  addAuthSettingsCommands(auth, io)
  addCaptchaCommands(auth, io)
}

async function rotate(context: Context, options: RotateOptions): Promise<void> {
  const project = context.projectId(options.project)
  const { auth } = context.platform().projects
  if ([options.immediate, options.status, options.switch, options.cancel].filter(Boolean).length > 1) {
    throw new CliError('conflicting_options', 'Only one of --immediate, --status, --switch and --cancel.')
  }
  if (options.immediate && !options.yes)
    await confirm(
      context.io,
      `Rotate the secret of ${project} at once? Every running instance keeps the old one and refuses new tokens until it restarts.`,
      'immediate',
    )
  if (options.cancel) {
    await context.waitFor('Cancelling', auth.cancelRotation(project))
    return context.output.result({ cancelled: true }, () => 'The rotation is cancelled: the secret stays as it is.')
  }
  const rotation = options.status
    ? await context.waitFor('Reading the rotation', auth.rotation(project))
    : options.switch
      ? await context.waitFor('Switching', auth.switchRotation(project))
      : await context.waitFor('Rotating', auth.rotateSecret(project, rotationOf(options)))
  context.output.result(rotation, () => (rotation === null ? 'No rotation is under way.' : describeRotation(rotation)))
}

function rotationOf({ immediate, deadlineSeconds }: RotateOptions): { mode?: 'immediate'; deadlineSeconds?: number } {
  return { ...(immediate ? { mode: 'immediate' } : {}), ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }) }
}

function describeRotation(rotation: Rotation): string {
  const { waitingFor, restartAfterSwitch, willBreak = [], ...plan } = rotation
  const lines = [describeFields(plan)]
  if (waitingFor.length > 0)
    lines.push(
      '',
      'Waiting for',
      ...waitingFor.map(({ id, name, lastSeenAt }) => `${shown(id)}  ${shown(name)}  seen ${shown(lastSeenAt)}`),
    )
  const restart =
    plan.state === 'done'
      ? 'Restart these now: they refuse new tokens'
      : 'Restart these right after the switch: they read only AUTH_JWT_SECRET'
  if (restartAfterSwitch.length > 0) lines.push('', restart, ...restartAfterSwitch.map(({ id, name }) => `${shown(id)}  ${shown(name)}`))
  if (willBreak.length > 0)
    lines.push(
      '',
      'These run with the old secret and refuse new tokens until they restart',
      ...willBreak.map(({ id, name }) => `${shown(id)}  ${shown(name)}`),
    )
  return lines.join('\n')
}

function withSettings(command: Command): Command {
  return withSettingFlags(command.option('--project <id>')).option(
    '--settings <json>',
    'any settings, named as in the HTTP API; null restores a default',
  )
}

function settingsOf(options: SettingOptions): AuthSettingsPatch {
  const json = options.settings === undefined ? {} : jsonObject(options.settings, '--settings')
  // Snake_case passes through the SDK unchanged, so that a setting newer than this program can be set with it.
  return mergeFlags(json, settingFlags(options)) as AuthSettingsPatch
}

function describe(service: AuthService): string {
  const { settings, keys, ...rest } = service
  const lines = [describeFields(rest), '', 'Settings', describeFields(settings)]
  if (keys.length > 0) lines.push('', 'Keys', ...keys.map((key) => `${shown(key.kid)}  ${shown(key.alg)}  ${shown(key.state)}`))
  return lines.join('\n')
}

function describeFields(object: object): string {
  return fields(Object.entries(object).map(([name, value]) => [snakeCase(name), value]))
}
