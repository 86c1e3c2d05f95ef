import type { PipeTransform } from '@nestjs/common'
import { AuthError } from '@portico/kernel/auth-error'
import { isUuid, parseId, type IdKind } from '@portico/kernel/ids'

/** Pipe for `@Param('id', pathId('inst'))`: the UUID of a prefixed or bare id. What is not an id names nothing: 404. */
export function pathId(kind: IdKind): PipeTransform<string, string> {
  return {
    transform(text) {
      const id = parseId(kind, text)
      if (id === null) throw new AuthError('not_found')
      return id
    },
  }
}

/** For end users and their sessions, whose ids are plain UUIDs. */
export const pathUuid: PipeTransform<string, string> = {
  transform(text) {
    if (!isUuid(text)) throw new AuthError('not_found')
    return text.toLowerCase()
  },
}
