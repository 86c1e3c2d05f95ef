import { signWebhook, type EndUser, type ProjectEvent } from '@portico/sdk'
import type { Command } from 'commander'
import { CliError, toCliError } from '../cli-error.js'
import { action, examples, words } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { shown } from '../output.js'
import { isWebhookSecret, newWebhookSecret, personOf, webhookBody } from '../webhook-message.js'

interface ListenOptions {
  project?: string
  forward: string
  types?: string[]
}

/** As long as a webhook waits for an answer. */
const LIMIT_MS = 15_000

/** What happens in a project, delivered to a program on this machine as a webhook would: nothing has to be reachable from outside. */
export function addListenCommand(program: Command, io: Io): void {
  program
    .command('listen')
    .description('deliver what happens in a project to a program on this machine, signed as a webhook')
    .requiredOption('--forward <url>', 'where to, such as http://localhost:3000/hook')
    .option('--types <names>', 'such as user.created (repeatable, or separated by commas); all without it', words)
    .option('--project <id>')
    .addHelpText(
      'after',
      `
The messages are those of webhooks, signed with a secret of this session that is printed first: give it to the program
(\`verifyWebhook(request, secret)\`). PORTICO_WEBHOOK_SECRET, when it is set, is used instead, so that a restart keeps it.
One message at a time, in order, once: what is refused is printed and not tried again. Ends with Ctrl-C.
${examples('portico listen --forward localhost:3000/hook --project proj_…', 'portico listen --forward localhost:3000/hook --types user.created')}`,
    )
    .action(action<ListenOptions>(io, listen))
}

async function listen(context: Context, { project: given, forward, types }: ListenOptions): Promise<void> {
  const project = context.projectId(given)
  const url = readTarget(forward)
  const secret = readSecret(context)
  const { events } = context.platform()
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  const person = personReader(context, project)
  // What happens after «Ready» is told: the stream is open by then.
  let isReady = false
  const onOpen = () => {
    if (isReady) return
    isReady = true
    context.output.line(
      context.output.json
        ? JSON.stringify({ listening: { project_id: project, forward: url, secret } })
        : `Ready. What happens in ${project} goes to ${url}\nSecret of this session: ${secret}\n`,
    )
  }
  const onMissed = () => context.output.warn('Some events happened meanwhile that cannot be told any more; the audit log has them.')
  const following = events.follow(project, { webhooks: true, ...(types && { types }), onOpen, onMissed, signal: stop.signal })
  for await (const event of following) await deliver(context, { event, url, secret, user: await person(event) })
}

async function deliver(
  context: Context,
  { event, url, secret, user }: { event: ProjectEvent; url: string; secret: string; user: EndUser | null },
): Promise<void> {
  const body = webhookBody(event, user)
  const begun = performance.now()
  let status: number | null = null
  let problem: string | null = null
  try {
    const headers = await signWebhook(body, secret)
    const signal = AbortSignal.timeout(LIMIT_MS)
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await answer.body?.cancel()
    status = answer.status
  } catch (error) {
    problem = toCliError(error, url).message
  }
  const took = Math.round(performance.now() - begun)
  if (context.output.json) return context.output.jsonLine({ id: event.id, type: event.type, status, error: problem, durationMs: took })
  context.output.line(`${shown(event.createdAt)}  ${shown(event.type)}  ->  ${status ?? shown(problem)}  (${took} ms)`)
}

/** Webhooks carry the person that an event is about; a key that may not read people is told so, once. */
function personReader(context: Context, project: string): (event: ProjectEvent) => Promise<EndUser | null> {
  let refused = false
  return async (event) => {
    const id = personOf(event)
    if (id === null || refused) return null
    try {
      return await context.platform().users.get(project, id)
    } catch (error) {
      const { code } = toCliError(error)
      if (code !== 'insufficient_scope') return null
      refused = true
      context.output.warn('The key may not read people (users:read): messages come without `user`.')
      return null
    }
  }
}

function readTarget(forward: string): string {
  const url = /^https?:\/\//.test(forward) ? forward : `http://${forward}`
  if (!URL.canParse(url)) throw new CliError('invalid_url', `"${forward}" is not an address to forward to, such as localhost:3000/hook.`)
  return new URL(url).href
}

function readSecret(context: Context): string {
  const given = context.io.env['PORTICO_WEBHOOK_SECRET']
  if (!given) return newWebhookSecret()
  if (isWebhookSecret(given)) return given
  throw new CliError('invalid_secret', 'PORTICO_WEBHOOK_SECRET is no secret of webhooks: whsec_ and the base64 of at least 24 bytes.')
}
