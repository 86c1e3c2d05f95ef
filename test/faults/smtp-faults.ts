import { setTimeout as sleep } from 'node:timers/promises'
import { startSmtpServer } from '../support/smtp-server.js'
import { auditSecrets, unanswered, unclean } from './auditor.js'
import { send, type Entry } from './load.js'
import { people } from './mail-faults.js'
import { DRAIN_SECONDS, ended, report, reset, withStage, type FaultRun, type RunReport } from './run.js'

/** `count` mails wait, the server takes some and dies in the middle of them, stays away, and comes back where it was. */
async function serverDies(count: number, awaySeconds: number): Promise<RunReport> {
  let server = await startSmtpServer({ allowInsecureAuth: true, hideSTARTTLS: true })
  const { port, user, password } = server
  const env = { RESEND_API_KEY: '', RESEND_FROM_APP_AUTH: '', RESEND_BASE_URL: '', SMTP_HOST: '127.0.0.1', SMTP_PORT: String(port), SMTP_SECURE: 'none', SMTP_USER: user, SMTP_PASSWORD: password, SMTP_FROM: 'Faults <faults@example.com>' }
  return withStage({ env }, async (stage) => {
    const project = await stage.project('Mail')
    const plane = await stage.start('data-plane')
    const emails = await people(stage, project, count)
    const ledger: Entry[] = []
    for (let at = 0; at < emails.length; at += 20)
      ledger.push(...(await Promise.all(emails.slice(at, at + 20).map((email) => send(reset(plane, project, email))))))
    server.always({ kind: 'slow', ms: 50 })
    await stage.start('worker')
    while (server.mails.length < count / 8) await sleep(5)
    await server.close()
    const before = server.mails
    await sleep(awaySeconds * 1000)
    server = await startSmtpServer({ allowInsecureAuth: true, hideSTARTTLS: true, port })
    const healthyAt = Date.now()
    const { waiting } = await stage.mailDrained(DRAIN_SECONDS * 1000)
    const seconds = (Date.now() - healthyAt) / 1000
    const problems: string[] = []
    if (waiting > 0 || seconds > DRAIN_SECONDS) problems.push(`${waiting} mails still waited ${seconds.toFixed(1)} s after the server was back`)
    const mails = [...before, ...server.mails]
    const byAddress = new Map<string, Set<string>>()
    for (const { to, raw } of mails) byAddress.set(to[0] ?? '', (byAddress.get(to[0] ?? '') ?? new Set()).add(raw))
    const lost = emails.filter((email) => !byAddress.has(email))
    if (lost.length > 0) problems.push(`${lost.length} mails were lost`)
    if ([...byAddress.values()].some((bodies) => bodies.size > 1)) problems.push('a retry differed from the first try')
    const doubles = mails.length - byAddress.size
    // What the server had taken when it died and had not answered: the eight that are sent at once.
    if (doubles > 8) problems.push(`${doubles} mails arrived twice`)
    const unsent = await stage.sql((owner) => owner.query(`select 1 from auth.outbox where project_id = $1 and status <> 'sent'`, [project.id]))
    if (unsent.length > 0) problems.push(`${unsent.length} rows were not sent`)
    await server.close()
    return report(
      `${count} mails, ${before.length} taken before the server died, ${doubles} twice; drained ${seconds.toFixed(1)} s after it was back`,
      ledger, problems, unclean(ledger), unanswered(ledger), auditSecrets(stage, ledger), await ended(...stage.apps),
    )
  })
}

export const SMTP_FAULTS: FaultRun[] = [
  {
    name: 'SMTP dies with 200 mails waiting',
    seconds: 60,
    promises: 'P3 P5',
    done: 'a mail server dies in the middle of 200 mails and is away for 20 s; each arrives, each try the same bytes',
    short: true,
    run: (size) => serverDies(size === 'short' ? 40 : 200, size === 'short' ? 2 : 20),
  },
]
