import '@portico/http/request-context'
import { digestToken } from '@portico/crypto/token-digest'
import { AuthError } from '@portico/kernel/auth-error'
import type { Caller } from '@portico/platform/caller'
import type { Claim, Idempotency } from '@portico/platform/idempotency/idempotency'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Logger } from '@portico/http/request-log'

const METHODS = new Set(['POST', 'PATCH', 'PUT', 'DELETE'])
// Visible ASCII, as UUIDs and the like are.
const KEY = /^[\x21-\x7e]{1,255}$/

/** `Idempotency-Key` on every changing call: the answer is remembered before it is sent. */
export function registerIdempotency(server: FastifyInstance, idempotency: Idempotency, logger: Logger): void {
  const claims = new WeakMap<FastifyRequest, Claim>()

  server.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key']
    const caller = request.principal as Caller | null
    if (key === undefined || caller === null || !METHODS.has(request.method)) return
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw new AuthError('invalid_request', { message: 'Idempotency-Key must be 1 to 255 visible ASCII characters.' })
    }
    const began = await idempotency.begin({ tenantId: caller.tenantId, key, digest: digestOf(request, caller) })
    if ('claim' in began) {
      claims.set(request, began.claim)
      return
    }
    reply.header('idempotent-replayed', 'true')
    await reply.code(began.answer.status).type('application/json; charset=utf-8').send(began.answer.body)
  })

  server.addHook('onSend', async (request, reply, payload) => {
    const claim = claims.get(request)
    if (!claim) return payload
    claims.delete(request)
    try {
      // An overload or a lost database says nothing about the request; it may be tried again under the same key.
      if (reply.statusCode >= 500 || reply.statusCode === 429 || typeof payload !== 'string') await idempotency.abandon(claim)
      else await idempotency.complete(claim, { status: reply.statusCode, body: payload })
    } catch (error) {
      logger.warn({ request_id: request.id, err: error }, 'an idempotent answer could not be remembered')
    }
    return payload
  })
}

/** With the caller: an answer may hold a secret, and belongs to the key or person that made the call. To any other the name is taken. */
function digestOf(request: FastifyRequest, caller: Caller): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    digestToken(`${request.method}\n${request.url}\n${caller.actor.type}:${caller.actor.id}\n${JSON.stringify(request.body ?? null)}`),
  )
}
