import type { Command } from 'commander'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'
import { fields } from '../output.js'
import { readAll } from '../read-secret.js'

interface CaptchaOptions {
  project?: string
  provider: string
  siteKey: string
  secretStdin?: boolean
}

export function addCaptchaCommands(auth: Command, io: Io): void {
  const captcha = auth.command('captcha').description('the captcha of sign-up, log-in, reset and sign-in mails')

  captcha
    .command('show')
    .description('show it; never its secret')
    .option('--project <id>')
    .action(
      action<{ project?: string }>(io, async (context, { project }) => {
        const found = await context.waitFor('Reading the captcha', context.platform().projects.auth.captcha.get(context.projectId(project)))
        context.output.result(found, () => (found === null ? 'No captcha.' : fields(Object.entries(found))))
      }),
    )

  captcha
    .command('set')
    .description('ask end users for one')
    .requiredOption('--provider <name>', 'hcaptcha or turnstile')
    .requiredOption('--site-key <key>', 'what browsers are given')
    .option('--secret-stdin', 'read the secret from standard input; without it the stored one stays')
    .option('--project <id>')
    .addHelpText('after', examples('portico auth captcha set --provider turnstile --site-key 0x4AAA… --secret-stdin < secret.txt'))
    .action(
      action<CaptchaOptions>(io, async (context, { project, provider, siteKey, secretStdin }) => {
        const secret = secretStdin ? await readAll(context.io) : undefined
        const input = { provider: provider as 'turnstile', siteKey, ...(secret === undefined ? {} : { secret }) }
        const set = await context.waitFor('Setting', context.platform().projects.auth.captcha.set(context.projectId(project), input))
        context.output.result(set, () => (set === null ? 'No captcha.' : fields(Object.entries(set))))
      }),
    )

  captcha
    .command('remove')
    .description('ask for none')
    .option('--project <id>')
    .action(
      action<{ project?: string }>(io, async (context, { project }) => {
        await context.waitFor('Removing', context.platform().projects.auth.captcha.remove(context.projectId(project)))
        context.output.result({ removed: true }, () => 'No captcha is asked for any more.')
      }),
    )
}
