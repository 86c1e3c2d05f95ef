import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { html, sendPage } from './html-page.js'
import './request-context.js'

export interface StaticSiteOptions {
  /** The folder that was built: `index.html`, `assets/` with hashed names, each file beside its `.br` and `.gz`. */
  folder: string
  /** Where it is served, such as `/console`. */
  base: string
  /** Shown when the folder is not there. */
  missing: { title: string; text: string }
  /** Other origins whose pages it shows in frames. */
  frames?: readonly string[]
}

const YEAR = 'public, max-age=31536000, immutable'
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/**
 * Everything is a file of this origin: no inline script or style, nothing from outside, and only this origin is called. What a page shows
 * of others (a mail) stands in a frame whose own answer has a policy.
 */
const policyFor = (frames: readonly string[]) => [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  `frame-src ${["'self'", ...frames].join(' ')}`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

interface Served {
  type: string
  plain: Buffer
  br: Buffer | null
  gzip: Buffer | null
}

/**
 * A site of one page: every address below `base` that names no file is `index.html`, whose program reads the address. Files are looked up
 * in a list made from the folder, never by a path from outside; read at the first request, since most processes never get one.
 */
export function registerStaticSite(server: FastifyInstance, { folder, base, missing, frames = [] }: StaticSiteOptions): void {
  const policy = policyFor(frames)
  let site: { builtAt: number; files: Map<string, Served> } | null = null
  // A build while the process runs is seen by whoever loads the page next.
  const read = (): Map<string, Served> => {
    const builtAt = statSync(join(folder, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (site?.builtAt !== builtAt) site = { builtAt, files: readSite(folder) }
    return site.files
  }
  const config = { access: 'public' }

  const page = (request: FastifyRequest, reply: FastifyReply) => {
    const index = read().get('index.html')
    if (!index) {
      return sendPage(reply, {
        title: missing.title,
        status: 503,
        body: html`<h1>${missing.title}</h1>
          <p>${missing.text}</p>`,
      })
    }
    reply.headers({
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      // The names in it change with every build.
      'cache-control': 'no-cache',
    })
    return send(request, reply, index)
  }
  server.get(base, { config }, page)
  server.get(`${base}/*`, { config }, (request, reply) => {
    const name = (request.params as { '*': string })['*']
    if (!name.startsWith('assets/')) return page(request, reply)
    const file = read().get(name)
    if (!file) return reply.callNotFound()
    reply.header('cache-control', YEAR)
    return send(request, reply, file)
  })
}

function send(request: FastifyRequest, reply: FastifyReply, file: Served): FastifyReply {
  const accepted = String(request.headers['accept-encoding'])
  reply.header('content-type', file.type).header('vary', 'accept-encoding')
  if (file.br && /\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(file.br)
  if (file.gzip && /\bgzip\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(file.gzip)
  return reply.send(file.plain)
}

function readSite(folder: string): Map<string, Served> {
  const read = (name: string): Buffer | null => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : null)
  const assets = existsSync(join(folder, 'assets')) ? readdirSync(join(folder, 'assets')).map((name) => `assets/${name}`) : []
  const found = ['index.html', ...assets].flatMap((name): [string, Served][] => {
    const type = name === 'index.html' ? 'text/html; charset=utf-8' : TYPES[extname(name)]
    const plain = type === undefined ? null : read(name)
    return type === undefined || !plain ? [] : [[name, { type, plain, br: read(`${name}.br`), gzip: read(`${name}.gz`) }]]
  })
  return new Map(found)
}
