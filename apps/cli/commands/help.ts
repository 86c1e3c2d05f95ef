import type { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action } from '../command-action.js'
import type { Io } from '../io.js'

/** Commander's own looks at one word: `portico help data auth enable` told of `data` alone. */
export function addHelpCommand(program: Command, io: Io): void {
  program.helpCommand(false)
  program
    .command('help')
    .description('the flags, the scope and examples of a command, such as: portico help auth update')
    .argument('[command...]')
    .action(
      action(io, (_context, _options, args) => {
        const words = (args as unknown as [string[]])[0]
        let command = program
        for (const [at, word] of words.entries()) {
          const next = command.commands.find((child) => child.name() === word || child.aliases().includes(word))
          if (!next) throw new CliError('usage', `There is no command \`portico ${words.slice(0, at + 1).join(' ')}\`.`)
          command = next
        }
        command.outputHelp()
      }),
    )
}
