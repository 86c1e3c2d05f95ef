import type { SsoAttempt } from '@portico/sdk'
import type { Command } from 'commander'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'
import { fields, table } from '../output.js'
import { confirm } from '../read-secret.js'

interface Options {
  project?: string
  connection?: string
  yes?: boolean
}

/** Test sign-ins of a connection, and the log of who tried to come in by it. */
export function addTrialCommands(connections: Command, io: Io): void {
  connections
    .command('test')
    .description('make an address by which anybody tries it out, once, within ten minutes: nobody is signed in')
    .argument('<connection>', 'its id')
    .option('--project <id>')
    .addHelpText('after', examples('portico sso connections test 0190…', 'portico sso connections attempt 0190… 0191…'))
    .action(
      action<Options>(io, async (context, { project }, [id]) => {
        const made = await context.waitFor('Making a test', context.platform().sso.testConnection(context.projectId(project), id!))
        context.output.result(made, () => fields([['open', made.url], ['until', made.openUntil], ['then read', made.id]]))
      }),
    )

  connections
    .command('attempts')
    .description('tests and sign-ins of the last 24 hours, newest first')
    .argument('<connection>', 'its id')
    .option('--project <id>')
    .action(
      action<Options>(io, async (context, { project }, [id]) => {
        const listing = context.platform().sso.attempts(context.projectId(project), id!)
        const { data: rows } = await context.waitFor('Reading attempts', listing)
        context.output.result(rows, () =>
          table(
            ['id', 'at', 'what', 'state', 'domain', 'account', 'why'],
            rows.map(({ id: attempt, createdAt, test, state, report }) => [
              attempt, createdAt, test ? 'test' : 'sign-in', state, report?.emailDomain, report?.account, report?.detail ?? report?.refusal,
            ]),
            'Nobody tried in the last 24 hours.',
          ),
        )
      }),
    )

  connections
    .command('attempt')
    .description('what came of one: of a test all that the identity provider said and a signature covers')
    .argument('<connection>', 'its id')
    .argument('<attempt>', 'its id')
    .option('--project <id>')
    .action(
      action<Options>(io, async (context, { project }, [id, attemptId]) => {
        const { sso } = context.platform()
        const found = await context.waitFor('Reading the attempt', sso.attempt(context.projectId(project), id!, attemptId!))
        context.output.result(found, () => describe(found))
      }),
    )
}

/** Our own keys for the identity provider, changed without an outage. */
export function addKeyCommands(keys: Command, io: Io): void {
  keys
    .command('list')
    .description('list them')
    .argument('<connection>', 'its id')
    .option('--project <id>')
    .action(
      action<Options>(io, async (context, { project }, [id]) => {
        const { data: rows } = await context.waitFor('Reading keys', context.platform().sso.keys(context.projectId(project), id!))
        context.output.result(rows, () =>
          table(
            ['id', 'signs', 'expires', 'fingerprint'],
            rows.map((row) => [row.id, row.signs, row.expiresAt, row.fingerprint]),
            'No keys: nothing is signed, and nothing can be encrypted for us.',
          ),
        )
      }),
    )

  keys
    .command('create')
    .description('make one, beside the one that is used; it stands in our metadata')
    .argument('<connection>', 'its id')
    .option('--project <id>')
    .action(
      action<Options>(io, async (context, { project }, [id]) => {
        const made = await context.waitFor('Making a key', context.platform().sso.createKey(context.projectId(project), id!))
        context.output.result(made, () => `${made.id}\n${made.certificate.trim()}`)
      }),
    )

  keys
    .command('use')
    .description('sign with it from now on')
    .argument('<connection>', 'its id')
    .argument('<key>', 'its id')
    .option('--project <id>')
    .action(
      action<Options>(io, async (context, { project }, [id, key]) => {
        const used = await context.waitFor('Changing', context.platform().sso.useKey(context.projectId(project), id!, key!))
        context.output.result(used, () => `${used.id} signs from now on.`)
      }),
    )

  keys
    .command('delete')
    .description('what is encrypted for it is opened no more')
    .argument('<connection>', 'its id')
    .argument('<key>', 'its id')
    .option('--project <id>')
    .option('--yes', 'do not ask')
    .action(
      action<Options>(io, async (context, { project, yes }, [id, key]) => {
        if (!yes) await confirm(context.io, `Delete the key ${key}? What is encrypted for it is opened no more.`, key!)
        await context.waitFor('Deleting', context.platform().sso.deleteKey(context.projectId(project), id!, key!))
        context.output.result({ id: key, deleted: true }, () => `Deleted ${key}.`)
      }),
    )
}

/** Links by which the administrator of a company sets its single sign-on up, without an account here (docs/setup-links.md). */
export function addSetupLinkCommands(links: Command, io: Io): void {
  links
    .command('list')
    .description('list them, those that are over as well')
    .argument('<organization>', 'its id')
    .option('--project <id>')
    .action(
      action<Options>(io, async (context, { project }, [organization]) => {
        const listing = context.platform().organizations.setupLinks(context.projectId(project), organization!)
        const { data: rows } = await context.waitFor('Reading set-up links', listing)
        context.output.result(rows, () =>
          table(
            ['id', 'state', 'connection', 'expires'],
            rows.map((row) => [row.id, row.state, row.connectionId, row.expiresAt]),
            'No set-up links.',
          ),
        )
      }),
    )

  links
    .command('create')
    .description('make one, for seven days and one holder; it is shown once')
    .argument('<organization>', 'its id')
    .option('--connection <id>', 'one that is there already, to be mended')
    .option('--project <id>')
    .action(
      action<Options>(io, async (context, { project, connection }, [organization]) => {
        const input = connection === undefined ? {} : { connectionId: connection }
        const { organizations } = context.platform()
        const making = organizations.createSetupLink(context.projectId(project), organization!, input)
        const made = await context.waitFor('Making the link', making)
        context.output.result(made, () => made.url)
      }),
    )

  links
    .command('revoke')
    .description('counts with the next click of its holder')
    .argument('<organization>', 'its id')
    .argument('<link>', 'its id')
    .option('--project <id>')
    .action(
      action<Options>(io, async (context, { project }, [organization, link]) => {
        const { organizations } = context.platform()
        await context.waitFor('Revoking', organizations.revokeSetupLink(context.projectId(project), organization!, link!))
        context.output.result({ id: link, revoked: true }, () => `Revoked ${link}.`)
      }),
    )
}

function describe({ report, ...attempt }: SsoAttempt): string {
  const { state, test, createdAt, finishedAt } = attempt
  const about: [string, unknown][] = [['state', state], ['test', test], ['begun', createdAt], ['ended', finishedAt]]
  if (!report) return fields(about)
  const { checks, person, assertion, ...said } = report
  const rows: [string, unknown][] = [
    ...about,
    ...checks.map(({ check, passed }): [string, unknown] => [`check: ${check}`, passed === null ? 'not reached' : passed ? 'passed' : 'failed']),
    ...Object.entries(said),
    ...(person ? [['address', person.email], ['name', person.name], ['groups', person.groups]] as [string, unknown][] : []),
    ...(person?.metadata.map(({ key, value }): [string, unknown] => [`metadata: ${key}`, value]) ?? []),
    ...(assertion ? [['said: subject', assertion.subject], ['said: format', assertion.nameIdFormat]] as [string, unknown][] : []),
    ...(assertion?.attributes.map(({ name, values }): [string, unknown] => [`said: ${name}`, values]) ?? []),
  ]
  return fields(rows.filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)))
}
