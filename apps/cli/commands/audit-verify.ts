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
    .command('verify <files...>')
    .description('check an exported log, or the parts that a stream has delivered, without a network: names the first row that is wrong')
    .option('--keys <file>', 'the keys of the installation (JWK set); without it those in the export count, so compare their thumbprints')
    .addHelpText(
      'after',
      examples('portico audit verify export.ndjson --keys audit-keys.json', 'portico audit verify proj_…/*.ndjson --keys audit-keys.json'),
    )
    .action(action<{ keys?: string }>(io, verify))
}

async function verify(context: Context, options: { keys?: string }, given: (string | string[] | undefined)[]): Promise<void> {
  const keys = options.keys === undefined ? undefined : await readKeys(options.keys)
  const verdict = await verifyAuditExport(linesOf(given.flat().filter((file) => file !== undefined)), keys && { keys })
  const { problem } = verdict
  if (problem) throw new CliError(`audit_${problem.kind}`, problem.message, { details: problem })
  if (context.output.json) context.output.jsonLine(verdict)
  else context.output.line(said(verdict))
}

async function* linesOf(files: string[]): AsyncGenerator<string> {
  for (const file of files) yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity })
}

function said({ projectId, tenantId, after, rows, retired, erased, signedTo, exportedAt, keys, keysGiven }: AuditVerdict): string {
  const what = after === 0 ? `${rows} rows` : `rows ${after + 1} to ${rows}`
  const less = [retired > 0 && `${retired} taken away by retention`, erased > 0 && `${erased} with personal fields erased`].filter(Boolean)
  const signed = signedTo === 0 ? 'no row is signed by day yet' : `signed up to row ${signedTo}`
  const by = keysGiven ? '' : ' These keys stand in the export itself: compare them with those that the installation publishes.'
  const found = `${[what, ...less].join(', ')}, none changed, dropped or inserted`
  return `${projectId ?? tenantId}: ${found}; ${signed}; exported ${exportedAt} by ${keys.join(', ')}.${by}`
}

export async function readKeys(file: string): Promise<object[]> {
  const { keys } = JSON.parse(await readFile(file, 'utf8')) as { keys?: object[] }
  if (!Array.isArray(keys)) throw new TypeError('The file of --keys is no JWK set.')
  return keys
}
