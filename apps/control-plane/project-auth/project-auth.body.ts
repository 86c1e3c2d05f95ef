import { IsName } from '@portico/http/is-name'
import type { Resource } from '@portico/platform/project-auth/project-auth'
import { AuthError, type FieldProblem } from '@portico/kernel/auth-error'
import { isName } from '@portico/kernel/name'
import { IsIn, IsString, MinLength } from 'class-validator'

const TYPES = ['project', 'sandbox', 'deployment'] as const

export class StatusQuery {
  @IsIn(TYPES) resourceType!: (typeof TYPES)[number]
  @IsString() @MinLength(1) @IsName(255) resourceId!: string
}

/** `{resource_type, resource_id, config{…}}`; the published clients also send settings beside `config`. */
export function readProjectAuthBody(body: Record<string, unknown>): { resource: Resource; settings: Record<string, unknown> } {
  const { resource_type: type, resource_id: id, config = {}, ...others } = body
  const problems: FieldProblem[] = []
  const resourceType = TYPES.find((known) => known === type)
  if (resourceType === undefined)
    problems.push({
      field: 'resource_type',
      code: type === undefined ? 'required' : 'not_allowed',
      message: `This must be one of ${TYPES.join(', ')}.`,
    })
  if (typeof id !== 'string' || id.length === 0 || id.length > 255 || !isName(id)) {
    problems.push({
      field: 'resource_id',
      code: id === undefined ? 'required' : 'invalid',
      message: 'This must be one line of 1 to 255 characters.',
    })
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    problems.push({ field: 'config', code: 'not_an_object', message: 'This must be an object.' })
  if (problems.length > 0 || resourceType === undefined || typeof id !== 'string')
    throw new AuthError('validation_error', { details: problems })
  const inner = config as Record<string, unknown>
  for (const name of Object.keys(others)) {
    if (name in inner && JSON.stringify(inner[name]) !== JSON.stringify(others[name])) {
      throw new AuthError('conflicting_settings', {
        details: [{ field: name, code: 'conflicts', message: `disagrees with config.${name}` }],
      })
    }
  }
  return { resource: { resourceType, resourceId: id }, settings: { ...others, ...inner } }
}
