import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { type AuditVerdict, verifyAuditExport } from '@portico/sdk'
import type { Command } from 'commander'
import { action, examples } from '../command-action.js'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'

export function addAuditVerify(audit: Command, io: Io): void {
  audit
    .command('verify <file>')
    .description('check an exported log, without a network: names the first row that was changed, dropped or inserted')
    .option('--keys <file>', 'the keys of the installation (JWK set); without it those in the export count, so compare their thumbprints')
    .addHelpText('after', examples('portico audit verify export.ndjson --keys audit-keys.json'))
    .action(action<{ keys?: string }>(io, verify))
}

async function verify(context: Context, options: { keys?: string }, [file = '']: (string | undefined)[]): Promise<void> {
  const keys = options.keys === undefined ? undefined : readKeys(await readFile(options.keys, 'utf8'))
  const verdict = await verifyAuditExport(createInterface({ input: createReadStream(file), crlfDelay: Infinity }), keys && { keys })
  const { problem } = verdict
  if (problem) throw new CliError(`audit_${problem.kind}`, problem.message, { details: problem })
  if (context.output.json) context.output.jsonLine(verdict)
  else context.output.line(said(verdict))
}

function said({ projectId, rows, signedTo, keys, keysGiven }: AuditVerdict): string {
  const signed = signedTo === 0 ? 'no row is signed yet' : `signed up to row ${signedTo} by ${keys.join(', ')}`
  return `${projectId}: ${rows} rows, none changed, dropped or inserted; ${signed}.${
    keysGiven || signedTo === 0 ? '' : ' These keys stand in the export itself: compare them with those that the installation publishes.'
  }`
}

function readKeys(text: string): object[] {
  const { keys } = JSON.parse(text) as { keys?: object[] }
  if (!Array.isArray(keys)) throw new TypeError('The file of --keys is no JWK set.')
  return keys
}
