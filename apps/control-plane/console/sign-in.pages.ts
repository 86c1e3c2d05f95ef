import { html, sendPage, type SafeHtml } from '@portico/http/html-page'
import type { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { FastifyReply } from 'fastify'

interface Place {
  publicUrl: string
  localLogin: boolean
}

const AGAIN = html`<p><a href="/console">Back to the console</a></p>`

function page(reply: FastifyReply, status: number, title: string, body: SafeHtml): FastifyReply {
  return sendPage(reply, { title: `${title} · Portico`, status, body: html`<h1>${title}</h1>${body}${AGAIN}` })
}

/** The request did not arrive under the public address, although the browser was sent there. */
export function elsewherePage(reply: FastifyReply, publicUrl: string): FastifyReply {
  return page(
    reply,
    421,
    'The console is somewhere else',
    html`<p>This server is set up for <strong>${publicUrl}</strong> and was asked under another name.</p>
<p>If you run it: the proxy in front must pass the <code>Host</code> header on as it came, and
<code>CONTROL_PLANE_PUBLIC_URL</code> must be the address that people type.</p>`,
  )
}

/** Nothing ties this browser to a sign-in that it began. */
export function lostPage(reply: FastifyReply, { publicUrl }: Place): FastifyReply {
  return page(
    reply,
    400,
    'This sign-in is over',
    html`<p>It took more than ten minutes, was finished before, or began in another browser. Begin again.</p>
<p>If it happens every time, the browser does not keep the cookies of <strong>${publicUrl}</strong>.</p>
${forTheOperator(publicUrl)}`,
  )
}

/** The session was made, and the browser did not bring its cookie back. */
export function cookieLostPage(reply: FastifyReply, { publicUrl }: Place): FastifyReply {
  return page(
    reply,
    400,
    'The browser did not keep the session',
    html`<p>You signed in, but the cookie of the console did not come back.</p>${forTheOperator(publicUrl)}`,
  )
}

/** What makes a browser drop the cookies, for whoever can mend it. */
function forTheOperator(publicUrl: string): SafeHtml {
  return html`<p>If you run it: people must reach the console at <strong>${publicUrl}</strong>, as <code>CONTROL_PLANE_PUBLIC_URL</code> says,
with the same scheme: a cookie for https is not kept by a page on http. The proxy must end TLS for that address, and say so with
<code>X-Forwarded-Proto</code> to whatever stands behind it.</p>`
}

export function refusedPage(reply: FastifyReply, message: string, { localLogin }: Place): FastifyReply {
  return page(reply, 403, 'You cannot come in', html`<p>${message}</p>${localLogin ? LOCAL : null}`)
}

export function issuerProblemPage(reply: FastifyReply, problem: OAuthProblem, { localLogin }: Place): FastifyReply {
  const away = problem.kind === 'unavailable'
  if (away) reply.header('retry-after', '5')
  return page(
    reply,
    away ? 503 : 403,
    away ? 'The sign-in service does not answer' : 'The sign-in was refused',
    html`<p>${away ? 'The issuer that this console asks cannot be reached.' : 'The answer of the issuer was no, or could not be trusted.'}
The log of the control plane says more.</p>${localLogin ? LOCAL : null}`,
  )
}

const LOCAL = html`<p><a href="/api/v1/console/sign-in?local=true">Sign in with a password or passkey</a> (for members who may)</p>`
