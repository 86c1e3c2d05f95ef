import type { MailTemplate, MailTemplateParts } from '@portico/sdk'
import type { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'
import { readText } from '../read-text.js'

interface TemplateOptions {
  project?: string
  subject?: string
  textFile?: string
  htmlFile?: string
  yes?: boolean
}

/** A project's own words for its mails, by kind of mail and language. */
export function addMailTemplateCommands(templates: Command, io: Io): void {
  const one = (name: string, description: string) =>
    templates
      .command(name)
      .description(description)
      .argument('<template>', 'the kind of mail, such as password_reset')
      .argument('<locale>', 'the language, such as en')
      .option('--project <id>')

  templates
    .command('list')
    .description('the templates in use; what has none goes out in Portico’s words')
    .option('--project <id>')
    .action(
      action<TemplateOptions>(io, async (context, { project }) => {
        const { mail } = context.platform()
        const rows = await context.waitFor('Reading the templates', mail.listTemplates(context.projectId(project)))
        context.output.result(rows, () =>
          table(
            ['template', 'locale', 'version', 'subject', 'failed'],
            rows.map((row) => [row.template, row.locale, row.version, row.subject, row.failedAt]),
            'No templates: every mail goes out in Portico’s words.',
          ),
        )
      }),
    )

  one('show', 'its subject and text').action(
    action<TemplateOptions>(io, async (context, { project }, [template, locale]) => {
      const rows = await context.waitFor('Reading the templates', context.platform().mail.listTemplates(context.projectId(project)))
      const found = rows.find((row) => row.template === template && row.locale === locale)
      if (!found) throw new CliError('not_found', `${template} in ${locale} has no template here: it goes out in Portico’s words.`)
      context.output.result(found, () => `${describe(found)}\n\n${found.text}`)
    }),
  )

  withParts(one('set', 'a new version; what it needs, such as its link, is checked before'))
    .addHelpText('after', examples("portico mail templates set password_reset en --subject 'Your new password' --text-file reset.txt --html-file reset.html"))
    .action(
      action<TemplateOptions>(io, async (context, options, [template, locale]) => {
        const parts = partsOf(options)
        if (parts === null) throw new CliError('usage', 'A template is all three: --subject, --text-file and --html-file.')
        const { mail } = context.platform()
        const set = await context.waitFor('Saving', mail.setTemplate(context.projectId(options.project), template!, locale!, parts))
        context.output.result(set, () => describe(set))
      }),
    )

  withParts(one('preview', 'as a mail would say it; of what is in use, or of files that are not saved')).action(
    action<TemplateOptions>(io, async (context, options, [template, locale]) => {
      const { mail } = context.platform()
      const asked = mail.previewTemplate(context.projectId(options.project), template!, locale!, partsOf(options) ?? undefined)
      const shown = await context.waitFor('Rendering', asked)
      context.output.result(shown, () => `${fields([['subject', shown.subject]])}\n\n${shown.text}`)
    }),
  )

  one('test', 'mail what is in use to an address, with sample values')
    .argument('<to>', 'an address of yours')
    .action(
      action<TemplateOptions>(io, async (context, { project }, [template, locale, to]) => {
        const { mail } = context.platform()
        const sent = await context.waitFor('Asking for it', mail.sendTest(context.projectId(project), template!, locale!, to!))
        context.output.result(sent, () => `${sent.id} is on its way to ${sent.to}: portico mail list`)
      }),
    )

  one('reset', 'back to Portico’s words')
    .option('--yes', 'do not ask')
    .action(
      action<TemplateOptions>(io, async (context, { project, yes }, [template, locale]) => {
        if (!yes) await confirm(context.io, `Back to Portico’s words for ${template} in ${locale}?`, template!)
        await context.waitFor('Resetting', context.platform().mail.resetTemplate(context.projectId(project), template!, locale!))
        context.output.result({ template, locale, reset: true }, () => `${template} in ${locale} goes out in Portico’s words.`)
      }),
    )
}

function withParts(command: Command): Command {
  return command
    .option('--subject <text>')
    .option('--text-file <path>', 'Liquid, for readers without HTML')
    .option('--html-file <path>', 'Liquid; a whole page, or what stands in the card of ours')
}

function partsOf({ subject, textFile, htmlFile }: TemplateOptions): MailTemplateParts | null {
  if (subject === undefined || textFile === undefined || htmlFile === undefined) return null
  return { subject, text: readText(textFile), html: readText(htmlFile) }
}

function describe(template: MailTemplate): string {
  return fields([
    ['template', template.template],
    ['locale', template.locale],
    ['version', template.version],
    ['subject', template.subject],
    ['failed', template.failedAt],
  ])
}
