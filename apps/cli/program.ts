import { Command, CommanderError } from 'commander'
import { CliError, EXIT, toCliError } from './cli-error.js'
import { addAuditCommands } from './commands/audit.js'
import { addCompletionCommands } from './commands/completion.js'
import { addDataAuthCommands } from './commands/data-auth.js'
import { addDirectoryCommands } from './commands/directories.js'
import { addDoctorCommand } from './commands/doctor.js'
import { addDomainCommands } from './commands/domains.js'
import { addEnvCommands } from './commands/env.js'
import { addHelpCommand } from './commands/help.js'
import { addHookCommands } from './commands/hooks.js'
import { addInboxCommands } from './commands/inbox.js'
import { addInstanceCommands } from './commands/instances.js'
import { addKeyCommands } from './commands/keys.js'
import { addListenCommand } from './commands/listen.js'
import { addLoginCommands } from './commands/login.js'
import { addMailCommands } from './commands/mail.js'
import { addOrganizationCommands } from './commands/organizations.js'
import { addProjectCommands } from './commands/projects.js'
import { addRunCommand } from './commands/run.js'
import { addSessionCommands } from './commands/sessions.js'
import { addSsoCommands } from './commands/sso.js'
import { addTeamCommands } from './commands/team.js'
import { addTriggerCommand } from './commands/trigger.js'
import { addUsageCommand } from './commands/usage.js'
import { addUserCommands } from './commands/users.js'
import { addWebhookCommands } from './commands/webhooks.js'
import type { Io } from './io.js'
import { tellNeeds } from './needs.js'

/** Of this release; a test holds it to `package.json`. */
export const VERSION = '0.1.0'

export function buildProgram(io: Io): Command {
  const program = new Command('portico')
    .description('Managed auth for platforms that build apps.')
    .version(VERSION)
    .option('--json', 'print {"data": …}; on failure {"error": {"code", "message", "request_id"}} on standard error')
    .option('--profile <name>', 'stored profile to use (default: PORTICO_PROFILE, then the current one)')
    .option('--url <url>', 'control plane (default: PORTICO_URL, then the profile, then http://127.0.0.1:4000)')
    .addHelpText(
      'after',
      `
Examples:
  $ portico login
  $ portico projects create "Todo"
  $ portico data auth enable --project proj_…
  $ portico run --project proj_… -- node server.mjs

Exit codes: 0 done, 1 something to correct, 2 network, 3 not allowed, 4 server. \`portico run\` has those of its command.
Environment: PORTICO_API_KEY, PORTICO_URL, PORTICO_PROFILE, PORTICO_PROJECT, XDG_CONFIG_HOME.`,
    )
  addLoginCommands(program, io)
  addProjectCommands(program, io)
  addDataAuthCommands(program, io)
  addUserCommands(program, io)
  addSessionCommands(program, io)
  addOrganizationCommands(program, io)
  addSsoCommands(program, io)
  addDirectoryCommands(program, io)
  addKeyCommands(program, io)
  addEnvCommands(program, io)
  addInstanceCommands(program, io)
  addRunCommand(program, io)
  addDomainCommands(program, io)
  addMailCommands(program, io)
  addWebhookCommands(program, io)
  addHookCommands(program, io)
  addListenCommand(program, io)
  addTriggerCommand(program, io)
  addAuditCommands(program, io)
  addUsageCommand(program, io)
  addTeamCommands(program, io)
  addInboxCommands(program, io)
  addDoctorCommand(program, io)
  addCompletionCommands(program, io)
  addHelpCommand(program, io)
  tellNeeds(program)
  configureAll(program, io)
  return program
}

/** Commander would end the process itself and write to it directly. */
function configureAll(command: Command, io: Io): void {
  // What works on every command is told by every command, below its own flags.
  command.exitOverride().showSuggestionAfterError().configureHelp({ showGlobalOptions: true })
  command.configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    // Told by runCli, in the shape that was asked for.
    outputError: () => {},
  })
  for (const child of command.commands) configureAll(child, io)
}

/** Runs one command line and answers its exit code. `argv` without node and script. */
export async function runCli(argv: string[], io: Io): Promise<number> {
  const ownWords = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const json = ownWords.includes('--json')
  try {
    await buildProgram(io).parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? EXIT.ok)
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    // `portico data` alone: the help has been written.
    if (error instanceof CommanderError && error.code === 'commander.help' && !json) return EXIT.user
    const failure = asCliError(error)
    if (json) io.stderr.write(`${JSON.stringify(failure.toAnswer())}\n`)
    else io.stderr.write(describe(failure))
    return failure.exitCode
  }
}

function asCliError(error: unknown): CliError {
  if (error instanceof CommanderError) return new CliError('usage', error.message.replace(/^error: /, ''))
  if (error instanceof RangeError || error instanceof TypeError) {
    // Refused before anything was sent: a bad option value or an id that is none.
    if (!/fetch failed/i.test(error.message)) return new CliError('usage', error.message)
  }
  return toCliError(error)
}

function describe(failure: CliError): string {
  const lines = [`Error: ${failure.message}`]
  if (Array.isArray(failure.details)) {
    for (const { field, message } of failure.details as { field?: string; message?: string }[])
      lines.push(`  ${field ?? ''}: ${message ?? ''}`)
  }
  if (failure.requestId) lines.push(`  (${failure.code}, request ${failure.requestId})`)
  return `${lines.join('\n')}\n`
}
