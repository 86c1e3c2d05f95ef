import '@portico/http/request-context'
import { html, sendPage } from '@portico/http/html-page'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { UseCases } from '../use-cases.js'
import { devMailAnswer } from './dev-mail.answer.js'

const STYLE = `body{max-width:46rem;padding:2rem 1.25rem}article{border-top:1px solid #8886;padding:1rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere}
h2{font-size:1rem;margin:0}.note{opacity:.75;font-size:.9rem}`

/** `GET /dev/inbox` and `.json`. Mails hold working tokens: register it in development only. */
export function registerDevInbox(server: FastifyInstance, use: UseCases): void {
  const config = { access: 'public' }
  const read = async (request: FastifyRequest) => {
    const to = (request.query as Record<string, unknown>)['to']
    return (await use.readDevInbox.execute({ to: typeof to === 'string' ? to : null })).map(devMailAnswer)
  }

  server.get('/dev/inbox.json', { config }, async (request) => ({ data: await read(request) }))
  server.get('/dev/inbox', { config }, async (request, reply) => {
    const mails = await read(request)
    const body = html`<h1>Development inbox</h1>
<p class="note">What would have been mailed, newest first. <a href="/dev/inbox.json">inbox.json</a></p>
${mails.length === 0 ? html`<p>Nothing yet.</p>` : null}
${mails.map(
  (mail) => html`<article><h2>${mail.subject}</h2>
<p class="note">to ${mail.to} · ${mail.created_at} · ${mail.project_id}</p>
${mail.link === null ? null : html`<p><a href="${mail.link}">${mail.link}</a></p>`}
${mail.code === null ? null : html`<p>Code: <strong>${mail.code}</strong></p>`}
<details><summary>Text</summary><pre>${mail.text}</pre></details></article>`,
)}`
    return sendPage(reply, { title: 'Development inbox', body, style: STYLE })
  })
}
