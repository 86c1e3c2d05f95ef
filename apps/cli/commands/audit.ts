import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditEntry, AuditQuery } from '@portico/sdk'
import type { Command } from 'commander'
import { action, examples, integer } from '../command-action.js'
import { EXIT, toCliError } from '../cli-error.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { addAuditUpkeep } from './audit-upkeep.js'
import { addAuditVerify } from './audit-verify.js'
import { shown } from '../output.js'

interface TailOptions {
  project?: string
  follow?: boolean
  limit: number
  interval: number
  action?: string
  actor?: string
  since?: string
}

export function addAuditCommands(program: Command, io: Io): void {
  const audit = program.command('audit').description('who did what')
  addAuditVerify(audit, io)
  addAuditUpkeep(audit, io)
  audit
    .command('tail')
    .description('the latest entries, oldest first')
    .option('--project <id>', 'only this project; without it the whole tenant')
    .option('-f, --follow', 'go on printing new ones until Ctrl-C')
    .option('--limit <n>', 'how many to start with', integer('--limit', 1, 100), 20)
    .option('--interval <seconds>', 'between two looks when following', integer('--interval', 1, 3600), 2)
    .option('--action <name>', 'only this action')
    .option('--actor <id>', 'only this actor')
    .option('--since <instant>', 'RFC 3339')
    .addHelpText('after', `\nWith --json every entry is one line.\n${examples('portico audit tail --project proj_… --follow', 'portico audit tail --action session.reuse_detected --json | jq .')}`)
    .action(action<TailOptions>(io, tail))
}

async function tail(context: Context, options: TailOptions): Promise<void> {
  const { auditLog } = context.platform()
  const query: AuditQuery = {
    limit: options.limit,
    ...(options.project === undefined ? {} : { projectId: options.project }),
    ...(options.action === undefined ? {} : { action: options.action }),
    ...(options.actor === undefined ? {} : { actorId: options.actor }),
    ...(options.since === undefined ? {} : { since: options.since }),
  }
  const print = (entry: AuditEntry) => (context.output.json ? context.output.jsonLine(entry) : context.output.line(line(entry)))

  const first = await context.waitFor('Reading the audit log', auditLog.list(query))
  const printed = new Map<string, string>()
  for (const entry of first.data.toReversed()) {
    printed.set(entry.id, entry.createdAt)
    print(entry)
  }
  if (!options.follow) return

  // Nothing there yet: all that comes is new. Our own clock is not asked, it may differ from theirs.
  let newest: string | undefined = first.data[0]?.createdAt ?? options.since
  let lost = false
  for (;;) {
    await sleep(options.interval * 1000)
    const fresh: AuditEntry[] = []
    try {
      // `since` includes its instant: what was printed already is known by its id.
      for await (const entry of auditLog.list({ ...query, limit: 100, ...(newest === undefined ? {} : { since: newest }) })) {
        if (!printed.has(entry.id)) fresh.push(entry)
      }
      lost = false
    } catch (error) {
      const failure = toCliError(error)
      if (failure.exitCode !== EXIT.network && failure.exitCode !== EXIT.server) throw failure
      // A follower of the log survives a restart of the service.
      if (!lost) context.output.warn(`${failure.message} Still trying.`)
      lost = true
      continue
    }
    for (const entry of fresh.toReversed()) {
      printed.set(entry.id, entry.createdAt)
      print(entry)
    }
    newest = fresh[0]?.createdAt ?? newest
    for (const [id, createdAt] of printed) if (newest !== undefined && Date.parse(createdAt) < Date.parse(newest)) printed.delete(id)
  }
}

function line(entry: AuditEntry): string {
  const resource = entry.resource ? `${shown(entry.resource)} ${shown(entry.resourceId)}` : '-'
  return [
    shown(entry.createdAt),
    shown(entry.action),
    `by ${shown(entry.actorType)} ${shown(entry.actorId)}`,
    resource,
    shown(entry.ip),
  ].join('  ')
}
