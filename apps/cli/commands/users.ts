import type { EndUser } from '@portico/sdk'
import type { Command } from 'commander'
import { action, examples } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { fields } from '../output.js'
import { confirm, readAll, readSecret } from '../read-secret.js'
import { jsonObject } from './projects.js'
import { userId } from './user-id.js'
import { addEraseCommands } from './users-erase.js'
import { addIntruderCommands } from './users-intruder.js'
import { addUserDetailCommands } from './users-detail.js'
import { addUserListCommands } from './users-list.js'

interface OneUser {
  project?: string
  yes?: boolean
}

interface CreateOptions extends OneUser {
  passwordStdin?: boolean
  passwordPrompt?: boolean
  emailVerified?: boolean
  metadata?: string
  appMetadata?: string
}

export function addUserCommands(program: Command, io: Io): void {
  const users = program.command('users').description('the end users of a project; a user is named by id or by address')

  addUserListCommands(users, io)
  addEraseCommands(users, io)

  users
    .command('show')
    .description('show one user')
    .argument('<user>')
    .option('--project <id>')
    .action(
      action<OneUser>(io, async (context, options, [given]) => {
        const project = context.projectId(options.project)
        const user = await context.waitFor(
          'Reading the user',
          userId(context, project, given!).then((id) => context.platform().users.get(project, id)),
        )
        context.output.result(user, () => describe(user))
      }),
    )

  users
    .command('create')
    .description('create a user; without a password they set one through a recovery mail')
    .argument('<email>')
    .option('--project <id>')
    .option('--password-stdin', 'read the password from standard input')
    .option('--password-prompt', 'ask for the password without showing it')
    .option('--email-verified', 'the address is known to be theirs')
    .option('--metadata <json>', 'a JSON object that the person may change')
    .option('--app-metadata <json>', 'a JSON object that only operators may change')
    .addHelpText(
      'after',
      examples(
        'portico users create ada@example.com --project proj_… --email-verified',
        'pass ada | portico users create ada@example.com --project proj_… --password-stdin',
      ),
    )
    .action(action<CreateOptions>(io, create))

  users
    .command('invite')
    .description('make a user and mail them a link to come in by')
    .argument('<email>')
    .option('--project <id>')
    .option('--redirect-to <url>', 'where the link leads; one of the redirect URLs of the project')
    .option('--metadata <json>', 'a JSON object of your own')
    .addHelpText('after', examples('portico users invite ada@example.com --project proj_…'))
    .action(
      action<OneUser & { redirectTo?: string; metadata?: string }>(io, async (context, { project, redirectTo, metadata }, [email]) => {
        const invitation = {
          email: email!,
          ...(redirectTo === undefined ? {} : { redirectTo }),
          ...(metadata === undefined ? {} : { metadata: jsonObject(metadata, '--metadata') }),
        }
        const user = await context.waitFor('Inviting the user', context.platform().users.invite(context.projectId(project), invitation))
        context.output.result(user, () => `${describe(user)}\nAn invitation is on its way. In development: portico inbox`)
      }),
    )

  for (const [name, description, done] of [
    ['disable', 'bar a user and end every session', 'is disabled'],
    ['enable', 'let a disabled user in again', 'is enabled'],
  ] as const) {
    users
      .command(name)
      .description(description)
      .argument('<user>')
      .option('--project <id>')
      .action(
        action<OneUser>(io, async (context, options, [given]) => {
          const project = context.projectId(options.project)
          const id = await context.waitFor('Finding the user', userId(context, project, given!))
          const user = await context.waitFor('Changing the user', context.platform().users[name](project, id))
          context.output.result(user, () => `${given} ${done}.`)
        }),
      )
  }

  users
    .command('delete')
    .description('delete a user for good')
    .argument('<user>')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<OneUser>(io, async (context, options, [given]) => {
        const project = context.projectId(options.project)
        const id = await context.waitFor('Finding the user', userId(context, project, given!))
        if (!options.yes) await confirm(context.io, `Delete ${given} for good?`, given!)
        await context.waitFor('Deleting the user', context.platform().users.delete(project, id))
        context.output.result({ id, deleted: true }, () => `Deleted ${given}.`)
      }),
    )

  users
    .command('recover')
    .description('mail a user a one-time link to set a new password')
    .argument('<user>')
    .option('--project <id>')
    .action(
      action<OneUser>(io, async (context, options, [given]) => {
        const project = context.projectId(options.project)
        const id = await context.waitFor('Finding the user', userId(context, project, given!))
        await context.waitFor('Asking for the mail', context.platform().users.sendRecovery(project, id))
        context.output.result({ id, requested: true }, () => `A recovery mail for ${given} is on its way. In development: portico inbox`)
      }),
    )

  users
    .command('reset-factors')
    .description('remove every second factor, recovery code and passkey of a user, and end every session')
    .argument('<user>')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<OneUser>(io, async (context, options, [given]) => {
        const project = context.projectId(options.project)
        const id = await context.waitFor('Finding the user', userId(context, project, given!))
        // The person who asks for this may be an attacker: verify their identity first.
        if (!options.yes) await confirm(context.io, `Are you sure that ${given} asked for this? Remove every second factor?`, given!)
        const done = await context.waitFor('Removing the factors', context.platform().users.resetFactors(project, id))
        context.output.result(
          { id, ...done },
          () => `${given} has no second factor any more: ${done.factorsRemoved} removed, ${done.sessionsEnded} sessions ended.`,
        )
      }),
    )

  addIntruderCommands(users, io)
  addUserDetailCommands(users, io)
}

async function create(context: Context, options: CreateOptions, [email]: (string | undefined)[]): Promise<void> {
  const { io } = context
  const project = context.projectId(options.project)
  const password = options.passwordStdin
    ? await readAll(io)
    : options.passwordPrompt
      ? await readSecret(io, `Password for ${email}`)
      : undefined
  const user = await context.waitFor(
    'Creating the user',
    context.platform().users.create(project, {
      email: email!,
      ...(password === undefined ? {} : { password }),
      ...(options.emailVerified ? { emailVerified: true } : {}),
      ...(options.metadata === undefined ? {} : { metadata: jsonObject(options.metadata, '--metadata') }),
      ...(options.appMetadata === undefined ? {} : { appMetadata: jsonObject(options.appMetadata, '--app-metadata') }),
    }),
  )
  context.output.result(user, () => describe(user))
}

function describe(user: EndUser): string {
  return fields([
    ['id', user.id],
    ['email', user.email],
    ['verified', user.emailVerified],
    ...(user.pendingEmail
      ? [['moves to', `${user.pendingEmail.email}, if that is confirmed until ${user.pendingEmail.expiresAt}`] as [string, unknown]]
      : []),
    ['disabled', user.disabled],
    ['metadata', user.metadata],
    ['app metadata', user.appMetadata],
    ['created', user.createdAt],
    ['last sign-in', user.lastSignInAt],
  ])
}
