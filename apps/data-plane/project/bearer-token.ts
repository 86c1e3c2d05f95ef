import type { FastifyRequest } from 'fastify'

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i // RFC 6750, 2.1

/** The token of the `Authorization` header, or `null` when there is none. */
export function bearerToken(request: FastifyRequest): string | null {
  return BEARER.exec(request.headers.authorization ?? '')?.[1] ?? null
}
