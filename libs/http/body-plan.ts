import 'reflect-metadata'
import type { Type as ClassOf } from '@nestjs/common'
import { snakeCase } from '@portico/kernel/snake-case'
import { getMetadataStorage, IS_OPTIONAL } from 'class-validator'

export interface Nesting {
  dto: () => ClassOf<object>
  each: boolean
}

export interface Field {
  property: string
  nested: Nesting | undefined
  convert: ((value: unknown) => unknown) | undefined
  /** `null` is the same as nothing. */
  nullIsAbsent: boolean
}

export interface Plan {
  byWireName: Map<string, Field>
  wireName: Map<string, string>
  /** Whether an instance passes, without an account of what is wrong; `null` where only class-validator can tell. */
  accepts: ((instance: object) => boolean) | null
}

// What the decorators of validated.ts note, by prototype.
export const renames = new WeakMap<object, Record<string, string[]>>()
export const nestings = new WeakMap<object, Record<string, Nesting>>()
export const conversions = new WeakMap<object, Record<string, (value: unknown) => unknown>>()
export const nullables = new WeakMap<object, Record<string, true>>()
const plans = new WeakMap<object, Plan>()

export function planOf(dto: ClassOf<object>): Plan {
  const ready = plans.get(dto)
  if (ready) return ready
  const plan: Plan = { byWireName: new Map(), wireName: new Map(), accepts: acceptance(dto) }
  const metadata = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)
  // class-validator lets null through where a property is optional; the property's type says that it is not there.
  const optional = new Set(metadata.filter(({ name }) => name === IS_OPTIONAL).map(({ propertyName }) => propertyName))
  for (const { propertyName } of metadata) {
    if (plan.wireName.has(propertyName)) continue
    const names = inherited(renames, dto, propertyName) ?? [snakeCase(propertyName)]
    const field = {
      property: propertyName,
      nested: inherited(nestings, dto, propertyName),
      convert: inherited(conversions, dto, propertyName),
      nullIsAbsent: optional.has(propertyName) && inherited(nullables, dto, propertyName) !== true,
    }
    plan.wireName.set(propertyName, names[0] ?? propertyName)
    for (const name of names) plan.byWireName.set(name, field)
  }
  plans.set(dto, plan)
  return plan
}

type Constraint = (instance: object, value: unknown) => boolean

/**
 * The validators of a class, looked up once. `validateSync` gathers and groups them anew for every value, which costs a request more than
 * its signature check. It still decides whatever does not pass here, so that every refusal reads the same.
 */
function acceptance(dto: ClassOf<object>): ((instance: object) => boolean) | null {
  const storage = getMetadataStorage()
  const properties = new Map<string, { conditions: Constraint[]; constraints: Constraint[] }>()
  for (const metadata of storage.getTargetValidationMetadatas(dto, '', false, false)) {
    const { propertyName, type, constraints: args, each } = metadata
    const property = properties.get(propertyName) ?? { conditions: [], constraints: [] }
    properties.set(propertyName, property)
    if (type === 'conditionalValidation') {
      property.conditions.push((instance, value) => Boolean((args[0] as (object: object, value: unknown) => unknown)(instance, value)))
    } else if (type === 'customValidation' && !each) {
      for (const { instance: validator, async } of storage.getTargetValidatorConstraints(metadata.constraintCls)) {
        if (async) return null
        // Written out and not spread, which took longer than the check itself.
        property.constraints.push((object, value) => {
          return validator.validate(value, { value, object, constraints: args, property: propertyName, targetName: dto.name }) === true
        })
      }
    } else {
      return null
    }
  }
  const checks = [...properties].map(([name, { conditions, constraints }]) => ({ name, conditions, constraints }))
  // Loops and no callbacks: every request with a body comes through here.
  return (instance) => {
    for (const { name, conditions, constraints } of checks) {
      const value = (instance as Record<string, unknown>)[name]
      let applies = true
      for (const condition of conditions) applies &&= condition(instance, value)
      if (!applies) continue
      for (const constraint of constraints) if (!constraint(instance, value)) return false
    }
    return true
  }
}

function inherited<T>(map: WeakMap<object, Record<string, T>>, dto: ClassOf<object>, property: string): T | undefined {
  for (let target: object | null = dto.prototype as object; target; target = Object.getPrototypeOf(target) as object | null) {
    const found = map.get(target)?.[property]
    if (found !== undefined) return found
  }
  return undefined
}

/** A field of a body class, as the API reference describes it. */
export interface BodyField {
  /** On the wire; the first of its synonyms. */
  name: string
  optional: boolean
  nullable: boolean
  validators: { name: string; constraints: unknown[]; each: boolean }[]
}

/** The fields of a class in the order of their declaration, inherited ones last. */
export function bodyFields(dto: ClassOf<object>): BodyField[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)
  return [...planOf(dto).wireName].map(([property, name]) => {
    const own = metadata.filter(({ propertyName }) => propertyName === property)
    return {
      name,
      optional: own.some(({ type }) => type === 'conditionalValidation'),
      nullable: inherited(nullables, dto, property) === true,
      validators: own
        .filter(({ type }) => type !== 'conditionalValidation')
        .map(({ name: validator, type, constraints, each }) => ({ name: validator ?? type, constraints: constraints ?? [], each })),
    }
  })
}
