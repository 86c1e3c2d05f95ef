import { readFile } from 'node:fs/promises'
import { Argument, type Command } from 'commander'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'

interface ImageOptions {
  project?: string
}

const kind = () => new Argument('<kind>', 'which picture').choices(['logo', 'icon'])

/** `portico data auth branding …`: the pictures of the hosted pages and mails; colours and links are the setting `branding`. */
export function addAuthBrandingCommands(auth: Command, io: Io): void {
  const branding = auth.command('branding').description('logo and icon of the pages and mails: PNG or JPEG, at most 256 KB')

  branding
    .command('set')
    .description('upload a picture; it is written anew by the server and served with a hash in its name')
    .addArgument(kind())
    .argument('<file>', 'a PNG or JPEG file')
    .option('--project <id>')
    .addHelpText('after', examples('portico data auth branding set logo ./logo.png --project proj_…'))
    .action(
      action<ImageOptions>(io, async (context, options, [which, file]) => {
        const bytes = new Uint8Array(await readFile(String(file)))
        const project = context.projectId(options.project)
        const { branding: calls } = context.platform().projects.auth
        const saved = await context.waitFor('Uploading', calls.setImage(project, which as 'logo' | 'icon', bytes))
        context.output.result(saved, () => `${saved.name} (${saved.width} x ${saved.height})`)
      }),
    )

  branding
    .command('remove')
    .description('show none any more')
    .addArgument(kind())
    .option('--project <id>')
    .action(
      action<ImageOptions>(io, async (context, options, [which]) => {
        const { branding: calls } = context.platform().projects.auth
        await context.waitFor('Removing', calls.removeImage(context.projectId(options.project), which as 'logo' | 'icon'))
        context.output.result({ removed: which }, () => `There is no ${which} any more.`)
      }),
    )
}
