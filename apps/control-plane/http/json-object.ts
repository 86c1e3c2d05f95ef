import type { PipeTransform } from '@nestjs/common'
import { AuthError } from '@portico/kernel/auth-error'

/** Pipe for bodies whose fields a use case reads itself, such as settings: any JSON object. */
export const jsonObject: PipeTransform<unknown, Record<string, unknown>> = {
  transform(value) {
    const body = value ?? {}
    if (typeof body !== 'object' || Array.isArray(body))
      throw new AuthError('invalid_request', { message: 'The request body must be a JSON object.' })
    return body as Record<string, unknown>
  },
}
