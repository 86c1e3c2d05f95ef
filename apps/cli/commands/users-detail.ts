import type { UpdateUser } from '@portico/sdk'
import type { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { jsonObject } from './projects.js'
import { sessionTable } from './sessions.js'
import { userId } from './user-id.js'

interface ChangeOptions {
  project?: string
  email?: string
  emailVerified?: boolean
  metadata?: string
  appMetadata?: string
}

/** One person: what is known of them, and where they are signed in. */
export function addUserDetailCommands(users: Command, io: Io): void {
  users
    .command('update')
    .description('change a user')
    .argument('<user>')
    .option('--project <id>')
    .option('--email <address>', 'another address; unproved unless --email-verified says otherwise')
    .option('--email-verified', 'the address is known to be theirs')
    .option('--metadata <json>', 'merged into what the person may change; null removes')
    .option('--app-metadata <json>', 'merged into what only operators may change; null removes')
    .addHelpText('after', examples(`portico users update ada@example.com --app-metadata '{"plan":"pro"}'`))
    .action(
      action<ChangeOptions>(io, async (context, { project: given, metadata, appMetadata, ...change }, [user]) => {
        const project = context.projectId(given)
        const input: UpdateUser = {
          ...change,
          ...(metadata === undefined ? {} : { metadata: jsonObject(metadata, '--metadata') }),
          ...(appMetadata === undefined ? {} : { appMetadata: jsonObject(appMetadata, '--app-metadata') }),
        }
        if (Object.keys(input).length === 0) throw new CliError('usage', 'Say what to change: --email, --metadata, --app-metadata.')
        const id = await context.waitFor('Finding the user', userId(context, project, user!))
        const changed = await context.waitFor('Changing the user', context.platform().users.update(project, id, input))
        context.output.result(changed, () =>
          fields([
            ['id', changed.id],
            ['email', changed.email],
            ['metadata', changed.metadata],
            ['app metadata', changed.appMetadata],
          ]),
        )
      }),
    )

  users
    .command('sessions')
    .description('where a user is signed in; --end one of them, or all')
    .argument('<user>')
    .option('--project <id>')
    .option('--end <id>', 'end this session, or `all`')
    .action(
      action<{ project?: string; end?: string }>(io, async (context, { project: given, end }, [user]) => {
        const project = context.projectId(given)
        const id = await context.waitFor('Finding the user', userId(context, project, user!))
        const api = context.platform().users
        if (end === 'all') {
          const ended = await context.waitFor('Ending the sessions', api.endSessions(project, id))
          return context.output.result({ id, sessionsEnded: ended }, () => `${ended} sessions of ${user} ended.`)
        }
        if (end !== undefined) {
          await context.waitFor('Ending the session', api.endSession(project, id, end))
          return context.output.result({ id, sessionsEnded: 1 }, () => `The session ${end} ended.`)
        }
        const sessions = await context.waitFor('Reading the sessions', api.sessions(project, id))
        context.output.result(sessions, () => sessionTable(sessions, user!))
      }),
    )

  users
    .command('passkeys')
    .description('the passkeys of a user')
    .argument('<user>')
    .option('--project <id>')
    .action(
      action<{ project?: string }>(io, async (context, { project: given }, [user]) => {
        const project = context.projectId(given)
        const id = await context.waitFor('Finding the user', userId(context, project, user!))
        const passkeys = await context.waitFor('Reading the passkeys', context.platform().users.passkeys(project, id))
        context.output.result(passkeys, () =>
          table(
            ['name', 'domain', 'registered on', 'last used', 'made'],
            passkeys.map((row) => [
              row.friendlyName,
              row.rpId,
              [row.registeredOn.browser, row.registeredOn.system].filter(Boolean).join(', '),
              row.lastUsedAt,
              row.createdAt,
            ]),
            `${user} has no passkey.`,
          ),
        )
      }),
    )
}
