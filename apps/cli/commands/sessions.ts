import type { UserSession } from '@portico/sdk'
import type { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { table } from '../output.js'
import { userId } from './user-id.js'

interface SessionOptions {
  project?: string
  all?: boolean
}

export function addSessionCommands(program: Command, io: Io): void {
  const sessions = program.command('sessions').description('where the end users of a project are signed in')

  sessions
    .command('list')
    .description('where a user is signed in')
    .argument('<user>', 'id or address')
    .option('--project <id>')
    .action(
      action<SessionOptions>(io, async (context, { project: given }, [user]) => {
        const { project, id } = await find(context, given, user!)
        const rows = await context.waitFor('Reading the sessions', context.platform().users.sessions(project, id))
        context.output.result(rows, () => sessionTable(rows, user!))
      }),
    )

  sessions
    .command('end')
    .description('sign a user out in one place, or everywhere')
    .argument('<user>', 'id or address')
    .argument('[session]', 'its id')
    .option('--all', 'every session of the user')
    .option('--project <id>')
    .addHelpText('after', examples('portico sessions end ada@example.com --all --project proj_…'))
    .action(
      action<SessionOptions>(io, async (context, { project: given, all }, [user, session]) => {
        if (Boolean(all) === (session !== undefined)) throw new CliError('usage', 'Name a session, or say --all.')
        const { project, id } = await find(context, given, user!)
        const { users } = context.platform()
        const ended =
          session === undefined
            ? await context.waitFor('Ending the sessions', users.endSessions(project, id))
            : await context.waitFor('Ending the session', users.endSession(project, id, session)).then(() => 1)
        context.output.result({ id, sessionsEnded: ended }, () => `${ended} ${ended === 1 ? 'session' : 'sessions'} of ${user} ended.`)
      }),
    )
}

async function find(context: Context, given: string | undefined, user: string): Promise<{ project: string; id: string }> {
  const project = context.projectId(given)
  return { project, id: await context.waitFor('Finding the user', userId(context, project, user)) }
}

export function sessionTable(rows: readonly UserSession[], user: string): string {
  return table(
    ['id', 'browser', 'system', 'address', 'last used', 'began'],
    rows.map((row) => [row.id, row.device.browser, row.device.system, row.ip, row.lastUsedAt, row.createdAt]),
    `${user} is signed in nowhere.`,
  )
}
