import type { Command } from 'commander'
import { action } from '../command-action.js'
import type { Io } from '../io.js'
import { confirm } from '../read-secret.js'
import { userId } from './user-id.js'

interface OneUser {
  project?: string
  yes?: boolean
}

/** Putting somebody out of a user's account. */
export function addIntruderCommands(users: Command, io: Io): void {
  users
    .command('evict')
    .description('somebody else is in: remove every way into the account, end every session, mail the owner the way back')
    .argument('<user>')
    .option('--project <id>')
    .option('--no-recovery', 'do not mail the way back')
    .option('--yes', 'do not ask')
    .action(
      action<OneUser & { recovery: boolean }>(io, async (context, options, [given]) => {
        const project = context.projectId(options.project)
        const id = await context.waitFor('Finding the user', userId(context, project, given!))
        if (!options.yes) await confirm(context.io, `Remove every way into the account of ${given}?`, given!)
        const done = await context.waitFor('Removing', context.platform().users.evict(project, id, { recovery: options.recovery }))
        const removed = Object.entries(done.removed).filter(([, count]) => count > 0).map(([kind, count]) => `${kind}: ${count}`)
        context.output.result({ id, ...done }, () => `All sessions and ways in of ${given} have ended. Removed: ${removed.join(', ') || 'nothing'}.${done.recovery === null ? '' : ' A recovery mail is on its way.'}`)
      }),
    )

  users
    .command('identities')
    .description('list the accounts of providers that open a user\'s account')
    .argument('<user>')
    .option('--project <id>')
    .option('--unlink <provider>', 'disconnect this one instead, and end every session')
    .option('--subject <subject>', 'which one, when there are several of the provider')
    .action(
      action<OneUser & { unlink?: string; subject?: string }>(io, async (context, options, [given]) => {
        const project = context.projectId(options.project)
        const id = await context.waitFor('Finding the user', userId(context, project, given!))
        const { users: api } = context.platform()
        if (options.unlink !== undefined) {
          const which = { provider: options.unlink, ...(options.subject === undefined ? {} : { subject: options.subject }) }
          const done = await context.waitFor('Disconnecting', api.unlinkIdentity(project, id, which))
          return context.output.result(
            done,
            () => `${done.provider} ${done.subject} opens ${given} no more; ${done.sessionsEnded} sessions ended.`,
          )
        }
        const found = await context.waitFor('Listing', api.identities(project, id))
        context.output.result(
          found,
          () => found.map(({ provider, subject, email }) => `${provider}  ${subject}  ${email ?? ''}`).join('\n') || `${given} has none.`,
        )
      }),
    )
}
