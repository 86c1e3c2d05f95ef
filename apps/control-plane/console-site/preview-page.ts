import { systemEntropy } from '@portico/kernel/entropy'
import type { FastifyReply } from 'fastify'

/**
 * Shows what the console posts to it: a mail, say, as it will look. It may run this one script, and what it is given runs nothing: it is
 * read by a parser that starts no script, under a policy that knows this one alone, in an origin that is nobody's. Links and forms of it
 * lead nowhere, nothing is fetched but a project's logo.
 */
const SCRIPT = `addEventListener('message',e=>{if(e.source!==parent||e.origin!==location.origin||typeof e.data?.html!=='string')return
const shown=new DOMParser().parseFromString(e.data.html,'text/html').documentElement
document.documentElement.replaceWith(document.adoptNode(shown))})
for(const kind of ['click','auxclick','submit'])addEventListener(kind,e=>e.preventDefault(),true)
parent.postMessage('portico:ready',location.origin)`

const policyFor = (nonce: string, pictures: string): string =>
  [
    'sandbox allow-scripts',
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // Mails say their style where it counts.
    "style-src 'unsafe-inline'",
    `img-src data: ${pictures}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join('; ')

/** `pictures`: the origin that projects' logos come from. */
export function sendPreviewPage(reply: FastifyReply, pictures: string): FastifyReply {
  const nonce = systemEntropy.bytes(16).toString('base64')
  return reply
    .headers({ 'content-security-policy': policyFor(nonce, pictures), 'cache-control': 'no-store', 'x-frame-options': 'SAMEORIGIN' })
    .type('text/html; charset=utf-8')
    .send(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Preview</title>
</head>
<body>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`)
}
