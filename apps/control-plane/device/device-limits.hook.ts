import { addressForLimits } from '@portico/http/client-address'
import type { Limit, RateLimits } from '@portico/rate-limit/rate-limiter'
import type { FastifyInstance } from 'fastify'

/** By client address. A device code cannot be guessed; what people type could be, by whoever has a session: 20 of 20^8 in 15 minutes. */
const LIMITS: Readonly<Record<string, Limit>> = {
  '/api/v1/device/code': { name: 'device_code', points: 20, windowSeconds: 900 },
  '/api/v1/device/token': { name: 'device_token', points: 300, windowSeconds: 60 },
  '/api/v1/device/approve': { name: 'device_user_code', points: 20, windowSeconds: 900 },
  '/api/v1/device/requests/:userCode': { name: 'device_user_code', points: 20, windowSeconds: 900 },
}

export function registerDeviceLimits(server: FastifyInstance, limits: RateLimits): void {
  server.addHook('preHandler', async (request) => {
    const limit = LIMITS[request.routeOptions.url ?? '']
    if (limit) await limits.enforce('control-plane', [{ limit, subject: addressForLimits(request.clientInfo().ip) }])
  })
}
