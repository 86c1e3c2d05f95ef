import { runtimeVariableContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError, invalidField, type FieldProblem } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { lockService, saveService } from '../records/auth-service.store.js'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { assertWholePair } from './auth-pair.js'
import { deleteVariable, listVariableNames, putVariable } from '../records/runtime-variable.store.js'

const NAME = /^[A-Z_][A-Z0-9_]{0,127}$/
const MAX_VALUE_BYTES = 32 * 1024
const MAX_VARIABLES = 200

export interface ChangedVariables {
  envVersion: number
  set: string[]
  deleted: string[]
}

/** Sets and deletes (`null`) the project's own variables in one step, so that the auth pair can change as a whole. */
export class SetVariables {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, caller: Caller, change: Readonly<Record<string, unknown>>): Promise<ChangedVariables> {
    const { set, drop } = readChange(change)
    const now = this.clock.now()
    return this.db.transaction(scope, async (tx) => {
      const service = await lockService(tx)
      const names = new Set(await listVariableNames(tx))
      const dropped = drop.filter((name) => names.delete(name))
      for (const [name] of set) names.add(name)
      if (names.size > MAX_VARIABLES) throw invalidField('variables', 'too_many', `A project may have ${MAX_VARIABLES} variables of its own.`)
      assertWholePair(service.enabled, names)
      if (set.length + dropped.length === 0) return { envVersion: service.envVersion, set: [], deleted: [] }
      for (const [name, value] of set) await putVariable(tx, name, this.box.seal(value, runtimeVariableContext(scope.projectId, name)), now)
      for (const name of dropped) await deleteVariable(tx, name)
      const saved = await saveService(tx, service, true, now)
      const metadata = { set: set.map(([name]) => name), deleted: dropped }
      await recordAudit(
        tx,
        { ...doneBy(caller), action: 'runtime_env.changed', resource: 'project', resourceId: formatId('proj', scope.projectId), metadata },
        now,
      )
      return { envVersion: saved.envVersion, ...metadata }
    })
  }
}

function readChange(change: Readonly<Record<string, unknown>>): { set: [string, string][]; drop: string[] } {
  const problems: FieldProblem[] = []
  const set: [string, string][] = []
  const drop: string[] = []
  for (const [name, value] of Object.entries(change)) {
    const field = `variables.${name.slice(0, 64)}`
    if (!NAME.test(name)) problems.push({ field, code: 'invalid_name', message: 'A name has 1 to 128 capital letters, digits and underscores, and does not begin with a digit.' })
    else if (value === null) drop.push(name)
    else if (typeof value !== 'string') problems.push({ field, code: 'not_a_string', message: 'This must be a string.' })
    else if (value.includes('\0')) problems.push({ field, code: 'invalid_characters', message: 'This holds characters that are not allowed.' })
    else if (Buffer.byteLength(value) > MAX_VALUE_BYTES) problems.push({ field, code: 'too_long', message: 'A value may have 32 KiB.' })
    else set.push([name, value])
  }
  if (problems.length > 0) throw new AuthError('validation_error', { details: problems.slice(0, 50) })
  return { set, drop }
}
