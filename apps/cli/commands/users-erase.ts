import { readFile } from 'node:fs/promises'
import { verifyErasureReceipt } from '@portico/sdk'
import type { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples } from '../command-action.js'
import type { Io } from '../io.js'
import { fields } from '../output.js'
import { confirm } from '../read-secret.js'
import { readKeys } from './audit-verify.js'
import { userId } from './user-id.js'

/** Every trace of somebody, and the receipt of what was destroyed. */
export function addEraseCommands(users: Command, io: Io): void {
  users
    .command('erase')
    .description('delete a user and every trace of them; prints a signed receipt of what was destroyed')
    .argument('<user>')
    .option('--project <id>')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples('portico users erase ada@example.com --project proj_… --json > receipt.json'))
    .action(
      action<{ project?: string; yes?: boolean }>(io, async (context, options, [given]) => {
        const project = context.projectId(options.project)
        const id = await userId(context, project, given!)
        if (!options.yes) await confirm(context.io, `Destroy every trace of ${given} for good?`, given!)
        const erasure = await context.waitFor('Erasing', context.platform().users.erase(project, id))
        context.output.result(erasure, () => `${fields(Object.entries(erasure.destroyed))}\n\n${erasure.receipt}`)
      }),
    )
  users
    .command('verify-erasure')
    .description('check a receipt, without a network')
    .argument('<file>', 'the receipt, or what `erase --json` printed')
    .requiredOption('--keys <file>', 'the keys of the installation (JWK set), as `portico audit keys` prints them')
    .addHelpText('after', examples('portico users verify-erasure receipt.json --keys audit-keys.json'))
    .action(
      action<{ keys: string }>(io, async (context, options, [file]) => {
        const statement = await verifyErasureReceipt(receiptIn(await readFile(file!, 'utf8')), { keys: await readKeys(options.keys) })
        if (!statement) throw new CliError('erasure_signature', 'This receipt is signed by none of these keys, or was changed.')
        const { destroyed, kept, ...about } = statement
        context.output.result(statement, () => fields(Object.entries({ ...about, ...destroyed, ...prefixed(kept) })))
      }),
    )
}

function receiptIn(text: string): string {
  if (!text.trimStart().startsWith('{')) return text
  const found = JSON.parse(text) as { receipt?: string; data?: { receipt?: string } }
  return found.data?.receipt ?? found.receipt ?? ''
}

const prefixed = (kept: Record<string, string>) => Object.fromEntries(Object.entries(kept).map(([name, why]) => [`kept: ${name}`, why]))
