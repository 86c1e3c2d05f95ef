import { parseEnv } from 'node:util'
import { type Command, Option } from 'commander'
import { action, examples } from '../command-action.js'
import { CliError } from '../cli-error.js'
import { ENV_FORMATS, formatEnv, type EnvFormat } from '../env-format.js'
import type { Io } from '../io.js'
import { table } from '../output.js'
import { readAll, readSecret } from '../read-secret.js'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

export function addEnvCommands(program: Command, io: Io): void {
  const env = program.command('env').description("a project's runtime environment")

  env
    .command('pull')
    .description('print what an instance booted now would get, secrets included')
    .option('--project <id>')
    .addOption(new Option('--format <format>').choices(ENV_FORMATS).default('dotenv'))
    .addHelpText(
      'after',
      examples('portico env pull --project proj_… > .env', 'eval "$(portico env pull --project proj_… --format shell)"'),
    )
    .action(
      action<{ project?: string; format: EnvFormat }>(io, async (context, options) => {
        const answer = await context.waitFor(
          'Reading the environment',
          context.platform().runtimeEnv.get(context.projectId(options.project)),
        )
        if (context.output.json) return context.output.result(answer, () => '')
        context.io.stdout.write(formatEnv(answer.env, options.format))
      }),
    )

  env
    .command('list')
    .description('names and where they come from; never values')
    .option('--project <id>')
    .action(
      action<{ project?: string }>(io, async (context, options) => {
        const variables = await context.waitFor(
          'Reading the environment',
          context.platform().runtimeEnv.list(context.projectId(options.project)),
        )
        context.output.result(variables, () =>
          table(
            ['name', 'source', 'updated'],
            variables.map((variable) => [variable.name, variable.source, variable.updatedAt]),
            'No variables.',
          ),
        )
      }),
    )

  env
    .command('set')
    .description("set variables of the project's own; they win over managed ones")
    .argument('[name]', 'which one; not with --from-dotenv')
    .argument('[value]', 'only with --value-in-arguments')
    .option('--project <id>')
    .option('--from-dotenv', 'set all variables of a dotenv file on standard input, in one step')
    .option('--value-in-arguments', 'take the value from the command line, for values that are no secret')
    .addHelpText(
      'after',
      `
The value is read from standard input, or asked for without showing it: arguments are in the shell's history and
in the list of processes.

AUTH_URL and AUTH_JWT_SECRET, your own auth instead of the managed one, must be set together: use --from-dotenv.
${examples('portico env set STRIPE_KEY --project proj_… < key.txt', 'portico env set --from-dotenv --project proj_… < auth.env', 'portico env set LOG_LEVEL debug --value-in-arguments --project proj_…')}`,
    )
    .action(
      action<SetOptions>(io, async (context, options, [name, inArguments]) => {
        const project = context.projectId(options.project)
        const variables = options.fromDotenv
          ? await fromDotenv(io, name)
          : { [checked(name)]: await valueOf(io, checked(name), inArguments, options) }
        const names = Object.keys(variables).join(', ')
        const change = await context.waitFor('Setting', context.platform().runtimeEnv.set(project, variables))
        context.output.result(change, () => `Set ${names}. Instances booted from now on get it; running ones are not changed.`)
      }),
    )

  env
    .command('unset')
    .description("remove the project's own values, in one step; managed ones of the same name are back")
    .argument('<names...>')
    .option('--project <id>')
    .addHelpText('after', examples('portico env unset AUTH_URL AUTH_JWT_SECRET --project proj_…'))
    .action(
      action<{ project?: string }>(io, async (context, options, args) => {
        const names = (args as unknown as [string[]])[0]
        const variables = Object.fromEntries(names.map((name) => [checked(name), null]))
        const project = context.projectId(options.project)
        const stored = await context.waitFor('Reading the variables', context.platform().runtimeEnv.list(project))
        const absent = names.filter((name) => !stored.some((variable) => variable.name === name && variable.source === 'own'))
        const said = `${absent.join(', ')} ${absent.length === 1 ? 'was' : 'were'} not there: ${project} has no value of its own.`
        if (absent.length === names.length) throw new CliError('not_found', said)
        const change = await context.waitFor('Removing', context.platform().runtimeEnv.set(project, variables))
        context.output.result(change, () => `Removed ${names.filter((name) => !absent.includes(name)).join(', ')}.`)
        if (absent.length > 0) context.output.note(said)
      }),
    )
}

interface SetOptions {
  project?: string
  fromDotenv?: boolean
  valueInArguments?: boolean
}

async function fromDotenv(io: Io, name: string | undefined): Promise<Record<string, string>> {
  if (name !== undefined) throw new CliError('conflicting_options', 'With --from-dotenv the names come from the file.')
  const variables = parseEnv(await readAll(io)) as Record<string, string>
  const names = Object.keys(variables)
  if (names.length === 0) throw new CliError('nothing_to_change', 'No NAME=value line on standard input.')
  return Object.fromEntries(names.map((each) => [checked(each), variables[each] ?? '']))
}

function checked(name: string | undefined): string {
  if (name !== undefined && NAME.test(name)) return name
  throw new CliError(
    'invalid_name',
    'A variable name is letters, digits and underscore, and does not start with a digit. The value comes on standard input, not after "=".',
  )
}

async function valueOf(io: Io, name: string, inArguments: string | undefined, { valueInArguments }: SetOptions): Promise<string> {
  if (inArguments !== undefined && !valueInArguments) {
    throw new CliError('value_in_arguments', 'The value is read from standard input, so that it stays out of history and process list. If it is no secret, add --value-in-arguments.')
  }
  if (inArguments === undefined && valueInArguments) throw new CliError('value_required', `Give the value after ${name}.`)
  return inArguments ?? readSecret(io, `Value of ${name}`)
}
