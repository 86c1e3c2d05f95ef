import type { Hook, HookName, HookWithSecret, SetHook } from '@portico/sdk'
import { Argument, Option, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'

interface HookOptions {
  project?: string
  address?: string
  onFailure?: 'deny' | 'allow'
  enabled?: 'yes' | 'no'
  yes?: boolean
}

export const HOOK_CHOICES: readonly HookName[] = [
  'before_sign_up', 'before_sign_in', 'before_password_change', 'token_claims', 'on_new_device', 'send_mail',
]
const which = () => new Argument('<hook>', 'what is asked').choices(HOOK_CHOICES)

/** What the app is asked before something happens (docs/hooks.md). */
export function addHookCommands(program: Command, io: Io): void {
  const hooks = program.command('hooks').description('what an app is asked before a sign-up, a sign-in, a new password, a token or a mail')

  hooks
    .command('list')
    .description('list them')
    .option('--project <id>')
    .action(
      action<HookOptions>(io, async (context, { project }) => {
        const { data: rows } = await context.waitFor('Reading the hooks', context.platform().hooks.list(context.projectId(project)))
        context.output.result(rows, () =>
          table(
            ['hook', 'url', 'on failure', 'enabled', 'failing since'],
            rows.map((row) => [row.hook, row.url, row.onFailure, row.enabled, row.failingSince]),
            'No hooks: `portico hooks set before_sign_up --address https://…` makes one.',
          ),
        )
      }),
    )

  hooks
    .command('set')
    .description('make or change one; the secret of a new one is printed once')
    .addArgument(which())
    .option('--address <url>', 'where the app answers; needed the first time')
    .addOption(new Option('--on-failure <what>', 'when it does not answer; deny without it').choices(['deny', 'allow']))
    .addOption(new Option('--enabled <yes|no>').choices(['yes', 'no']))
    .option('--project <id>')
    .addHelpText('after', examples('portico hooks set before_sign_up --address https://app.example/hooks --on-failure allow'))
    .action(
      action<HookOptions>(io, async (context, { project, address, onFailure, enabled }, [hook]) => {
        const input: SetHook = {
          ...(address !== undefined && { url: address }),
          ...(onFailure && { onFailure }),
          ...(enabled && { enabled: enabled === 'yes' }),
        }
        if (Object.keys(input).length === 0) throw new CliError('usage', 'Say what to change.')
        const { hooks: api } = context.platform()
        tell(context, await context.waitFor('Setting the hook', api.set(context.projectId(project), hook as HookName, input)))
      }),
    )

  hooks
    .command('test')
    .description('ask the endpoint about somebody made up')
    .addArgument(which())
    .option('--project <id>')
    .action(
      action<HookOptions>(io, async (context, { project }, [hook]) => {
        const { hooks: api } = context.platform()
        const said = await context.waitFor('Asking it', api.test(context.projectId(project), hook as HookName))
        context.output.result(said, () => fields(Object.entries(said)))
      }),
    )

  hooks
    .command('rotate')
    .description('another secret, printed once; the old one signs beside it for a day')
    .addArgument(which())
    .option('--project <id>')
    .action(
      action<HookOptions>(io, async (context, { project }, [hook]) => {
        const { hooks: api } = context.platform()
        tell(context, await context.waitFor('Rotating the secret', api.rotateSecret(context.projectId(project), hook as HookName)))
      }),
    )

  hooks
    .command('delete')
    .description('ask the app no more')
    .addArgument(which())
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<HookOptions>(io, async (context, { project, yes }, [hook]) => {
        if (!yes) await confirm(context.io, `Delete the hook ${hook}?`, hook!)
        await context.waitFor('Deleting the hook', context.platform().hooks.delete(context.projectId(project), hook as HookName))
        context.output.result({ hook, deleted: true }, () => `Deleted ${hook}.`)
      }),
    )
}

function tell(context: Context, hook: HookWithSecret): void {
  const { secret } = hook
  if (secret !== null) context.output.note('Keep the secret now: it cannot be shown again.\n')
  context.output.result(hook, () => `${secret === null ? '' : `${fields([['secret', secret]])}\n`}${describe(hook)}`)
}

function describe(hook: Hook): string {
  return fields([
    ['hook', hook.hook],
    ['url', hook.url],
    ['on failure', hook.onFailure],
    ['enabled', hook.enabled],
    ['failing since', hook.failingSince],
  ])
}
