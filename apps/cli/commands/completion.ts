import { Argument, type Command } from 'commander'
import type { Io } from '../io.js'

const SCRIPTS = {
  bash: `# portico completion; in ~/.bashrc: source <(portico completion bash)
_portico() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(portico __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _portico portico
`,
  zsh: `#compdef portico
# portico completion; in ~/.zshrc, after compinit: source <(portico completion zsh)
_portico() {
  local -a candidates
  candidates=("\${(@f)$(portico __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${#candidates} )) && [[ -n $candidates[1] ]]; then compadd -- $candidates; else _files; fi
}
compdef _portico portico
`,
  fish: `# portico completion; portico completion fish > ~/.config/fish/completions/portico.fish
complete -c portico -f -a '(portico __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
}

export function addCompletionCommands(program: Command, io: Io): void {
  program
    .command('completion')
    .description('print a completion script')
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      '\nExamples:\n  $ source <(portico completion bash)\n  $ portico completion fish > ~/.config/fish/completions/portico.fish\n',
    )
    .action((shell: keyof typeof SCRIPTS) => void io.stdout.write(SCRIPTS[shell]))

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) => {
      const found = candidates(program, words)
      if (found.length > 0) io.stdout.write(`${found.join('\n')}\n`)
    })
}

/** The last word is the one being typed. */
export function candidates(program: Command, words: string[]): string[] {
  const typed = words.at(-1) ?? ''
  let command = program
  for (const word of words.slice(0, -1)) {
    // What follows is another program's command line.
    if (word === '--') return []
    command = command.commands.find((child) => child.name() === word || child.aliases().includes(word)) ?? command
  }
  const options = [...command.options, ...(command === program ? [] : program.options)]
  const before = words.at(-2)
  const awaited = options.find(
    (option) => before !== undefined && (option.long === before || option.short === before) && (option.required || option.optional),
  )
  const found = awaited
    ? (awaited.argChoices ?? [])
    : typed.startsWith('-')
      ? [...options.filter((option) => !option.hidden).flatMap((option) => option.long ?? []), '--help']
      : [
          ...command.commands.map((child) => child.name()).filter((name) => !name.startsWith('_')),
          ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
        ]
  return [...new Set(found)].filter((candidate) => candidate.startsWith(typed)).toSorted()
}
