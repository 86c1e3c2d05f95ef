import { digestToken } from '@portico/crypto/token-digest'
import type { HttpExchange } from './project-routes.js'

/** A public answer with `ETag`; 304 without a body when the client has it already. */
export function cacheable(http: HttpExchange, maxAgeSeconds: number, answer: object): string {
  return cacheableText(http, maxAgeSeconds, 'application/json; charset=utf-8', JSON.stringify(answer))
}

/** The same for a text of another type. */
export function cacheableText({ request, reply }: HttpExchange, maxAgeSeconds: number, type: string, text: string): string {
  const etag = `"${digestToken(text).toString('base64url')}"`
  reply.header('cache-control', `public, max-age=${maxAgeSeconds}`).header('etag', etag)
  if (matches(request.headers['if-none-match'], etag)) {
    reply.code(304)
    return ''
  }
  reply.type(type)
  return text
}

/** RFC 9110, 13.1.2: the comparison is weak. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && ifNoneMatch.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
}
