import { type Command, Option } from 'commander'
import { action, examples } from '../command-action.js'
import { CliError } from '../cli-error.js'
import { ENV_FORMATS, formatEnv, type EnvFormat } from '../env-format.js'
import type { Io } from '../io.js'
import { table } from '../output.js'
import { readSecret } from '../read-secret.js'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

export function addEnvCommands(program: Command, io: Io): void {
  const env = program.command('env').description("a project's runtime environment")

  env
    .command('pull')
    .description('print what an instance booted now would get, secrets included')
    .option('--project <id>')
    .addOption(new Option('--format <format>').choices(ENV_FORMATS).default('dotenv'))
    .addHelpText('after', examples('portico env pull --project proj_… > .env', 'eval "$(portico env pull --project proj_… --format shell)"'))
    .action(
      action<{ project?: string; format: EnvFormat }>(io, async (context, options) => {
        const answer = await context.waitFor('Reading the environment', context.platform().runtimeEnv.get(context.projectId(options.project)))
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
        const variables = await context.waitFor('Reading the environment', context.platform().runtimeEnv.list(context.projectId(options.project)))
        context.output.result(variables, () =>
          table(['name', 'source', 'updated'], variables.map((variable) => [variable.name, variable.source, variable.updatedAt]), 'No variables.'),
        )
      }),
    )

  env
    .command('set')
    .description("set a variable of the project's own; it wins over a managed one")
    .argument('<name>')
    .argument('[value]', 'only with --value-in-arguments')
    .option('--project <id>')
    .option('--value-in-arguments', 'take the value from the command line, for values that are no secret')
    .addHelpText(
      'after',
      `
The value is read from standard input, or asked for without showing it: arguments are in the shell's history and
in the list of processes.
${examples('portico env set STRIPE_KEY --project proj_… < key.txt', 'portico env set LOG_LEVEL debug --value-in-arguments --project proj_…')}`,
    )
    .action(
      action<{ project?: string; valueInArguments?: boolean }>(io, async (context, options, [name, inArguments]) => {
        const project = context.projectId(options.project)
        if (!NAME.test(name!)) {
          throw new CliError('invalid_name', 'A variable name is letters, digits and underscore, and does not start with a digit. The value comes on standard input, not after "=".')
        }
        if (inArguments !== undefined && !options.valueInArguments) {
          throw new CliError('value_in_arguments', 'The value is read from standard input, so that it stays out of history and process list. If it is no secret, add --value-in-arguments.')
        }
        if (inArguments === undefined && options.valueInArguments) throw new CliError('value_required', `Give the value after ${name}.`)
        const value = inArguments ?? (await readSecret(io, `Value of ${name}`))
        const variable = await context.waitFor('Setting the variable', context.platform().runtimeEnv.set(project, name!, value))
        context.output.result(variable, () => `Set ${name}. Instances booted from now on get it; running ones are not changed.`)
      }),
    )

  env
    .command('unset')
    .description("remove the project's own value; a managed one of the same name is back")
    .argument('<name>')
    .option('--project <id>')
    .action(
      action<{ project?: string }>(io, async (context, options, [name]) => {
        await context.waitFor('Removing the variable', context.platform().runtimeEnv.unset(context.projectId(options.project), name!))
        context.output.result({ name, removed: true }, () => `Removed ${name}.`)
      }),
    )
}
