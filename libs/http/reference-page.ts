import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { html, rawHtml } from './html-page.js'
import './request-context.js'

export interface ListedOperation {
  method: string
  path: string
  summary: string
}

// Beside this file in the sources, one folder up from the compiled one.
const CANDIDATES = [new URL('./reference/', import.meta.url), new URL('../reference/', import.meta.url)]
const YEAR = 'public, max-age=31536000, immutable'

/** Everything that would call another host is off: fonts, statistics, the assistant and the proxy. */
const CONFIGURATION = {
  url: 'openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  proxyUrl: '',
  hideClientButton: true,
  showDeveloperTools: 'never',
  // Its greys and its names of methods are too faint for WCAG 2.2, 1.4.3 on its own backgrounds.
  customCss: `.light-mode{--scalar-color-3:#666;--scalar-color-green:#007044;--scalar-color-blue:#0a5cb8;--scalar-color-orange:#9a4b00;--scalar-color-red:#b3261e;
--scalar-color-yellow:#7a5b00;--scalar-color-purple:#6236c4;--scalar-color-accent:#0a5cb8}.dark-mode{--scalar-color-3:#a0a0a0;--scalar-color-red:#ff7b72}`,
}

/**
 * The script is this origin's own and may call it alone. Its styles are made while it runs, some as attributes of elements, which no nonce
 * covers: of all pages this one alone takes inline styles. It shows our own document and takes nothing from its address.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data:",
  'font-src data:',
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The script of the page: `GET /docs/reference.js`. Read when first asked for, kept as it is stored, compressed. */
export function registerReference(server: FastifyInstance): void {
  server.get('/docs/reference.js', { config: { access: 'public' } }, async (request, reply) => {
    const { compressed, version } = await script()
    const { v } = request.query as { v?: unknown }
    reply.headers({
      vary: 'accept-encoding',
      'cache-control': v === version ? YEAR : 'public, max-age=300',
      'content-type': 'text/javascript; charset=utf-8',
    })
    if (!/\bbr\b/.test(String(request.headers['accept-encoding']))) return promisify(brotliDecompress)(compressed)
    return reply.header('content-encoding', 'br').send(compressed)
  })
}

/** A page of the program in `/docs/reference.js`; where no scripts run it is the list of operations. */
export async function sendReference(
  reply: FastifyReply,
  page: { title: string; operations: ListedOperation[]; cacheControl: string },
): Promise<FastifyReply> {
  const { version } = await script()
  const rows = page.operations.map(({ method, path, summary }) => html`<li><code>${method} ${path}</code> ${summary}</li>\n`)
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${page.title}</title>
<link rel="icon" href="data:,">
<style>${rawHtml(STYLE)}</style>
</head>
<body>
<noscript>
<h1>${page.title}</h1>
<p>The whole description is <a href="openapi.json">openapi.json</a>.</p>
<ul>
${rows}</ul>
</noscript>
<script id="api-reference" type="application/json" data-configuration="${JSON.stringify(CONFIGURATION)}"></script>
<script src="docs/reference.js?v=${version}"></script>
</body>
</html>
`
  return reply
    .headers({ 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer', 'cache-control': page.cacheControl })
    .type('text/html; charset=utf-8')
    .send(document.text)
}

const STYLE = `:root{color-scheme:light dark}body{margin:0}noscript{display:block;max-width:60rem;margin:auto;padding:2rem 1.25rem;font:16px/1.5 system-ui,sans-serif}
code{overflow-wrap:anywhere}
/* Scalar's own would scroll sideways on a phone without being reachable by keyboard. */
.response-card-footer{overflow:visible!important;flex-wrap:wrap}`

let reading: Promise<{ compressed: Buffer; version: string }> | null = null

/** The file and the name of its content, by which browsers may keep it for good. */
function script(): Promise<{ compressed: Buffer; version: string }> {
  return (reading ??= readScript())
}

async function readScript(): Promise<{ compressed: Buffer; version: string }> {
  const folder = CANDIDATES.find((url) => existsSync(new URL('scalar.js.br', url)))
  if (!folder) throw new Error('reference/scalar.js.br is missing from the http package.')
  const { sha256 } = JSON.parse(await readFile(new URL('source.json', folder), 'utf8')) as { sha256: string }
  return { compressed: await readFile(new URL('scalar.js.br', folder)), version: sha256.slice(0, 16) }
}
