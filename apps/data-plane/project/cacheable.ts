import { digestToken } from '@portico/crypto/token-digest'
import type { HttpExchange } from '../session/http-exchange.js'

/** A public answer with `ETag`; 304 without a body when the client has it already. */
export function cacheable({ request, reply }: HttpExchange, maxAgeSeconds: number, answer: object): string {
  const text = JSON.stringify(answer)
  const etag = `"${digestToken(text).toString('base64url')}"`
  reply.header('cache-control', `public, max-age=${maxAgeSeconds}`).header('etag', etag)
  if (matches(request.headers['if-none-match'], etag)) {
    reply.code(304)
    return ''
  }
  reply.type('application/json; charset=utf-8')
  return text
}

/** RFC 9110, 13.1.2: the comparison is weak. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && ifNoneMatch.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
}
