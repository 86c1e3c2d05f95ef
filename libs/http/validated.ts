import 'reflect-metadata'
import type { PipeTransform, Type as ClassOf } from '@nestjs/common'
import { AuthError, type FieldProblem } from '@portico/kernel/auth-error'
import { cutText } from '@portico/kernel/outside-text'
import { ValidateNested, validateSync, type ValidatorOptions } from 'class-validator'
import { conversions, nestings, nullables, planOf, renames, type Field, type Plan } from './body-plan.js'
import { collect, report } from './validation-problems.js'

/** Where a property stands on the wire when that is not its own name in snake_case. Give several to accept synonyms for one property. */
export function WireName(...names: string[]): PropertyDecorator {
  return (target, property) => {
    renames.set(target, { ...renames.get(target), [String(property)]: names })
  }
}

/** A property for which `null` says something. Everywhere else many clients send it for what they leave out, and it is read as left out. */
export function Nullable(): PropertyDecorator {
  return (target, property) => {
    nullables.set(target, { ...nullables.get(target), [String(property)]: true })
  }
}

/** A property that is an object with fields of its own. */
export function Nested(dto: () => ClassOf<object>): PropertyDecorator {
  return nested(dto, false)
}

/** A property that is a list of such objects. */
export function NestedEach(dto: () => ClassOf<object>): PropertyDecorator {
  return nested(dto, true)
}

/**
 * Pipe for `@Body(validated(SomeBody))`. The body must be a JSON object whose fields are all known (`validation_error` otherwise).
 * Wire names are the snake_case of the properties (`redirect_to` → `redirectTo`); nothing is converted unless the class says so
 * with `@Convert`.
 * A property without any class-validator decorator is not known: use `@IsOptional()` or `@Allow()` at least.
 */
export function validated<T extends object>(dto: ClassOf<T>): PipeTransform<unknown, T> {
  return { transform: (value) => readDto(dto, value, false) }
}

/**
 * The same for `@Query(validatedQuery(SomeQuery))`. Values are strings: convert with `@Convert`.
 * `ignoreUnknown` is for pages reached by links.
 */
export function validatedQuery<T extends object>(dto: ClassOf<T>, options: { ignoreUnknown?: boolean } = {}): PipeTransform<unknown, T> {
  return { transform: (value) => readDto(dto, value, options.ignoreUnknown ?? false) }
}

/** Converts what came over the wire before the validators see it. What it cannot convert it must hand on, for them to refuse. */
export function Convert(convert: (value: unknown) => unknown): PropertyDecorator {
  return (target, property) => {
    conversions.set(target, { ...conversions.get(target), [String(property)]: convert })
  }
}

/** For `@Convert(toInteger)` on query values: the number in a string of digits. */
export const toInteger = (value: unknown): unknown => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value)

/** For `@Convert(toBoolean)` on query values: `true` and `false` only. */
export const toBoolean = (value: unknown): unknown => (value === 'true' ? true : value === 'false' ? false : value)

/** For `@Convert(trimmed)`: a string without the white space around it. */
export const trimmed = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value)

/** The same as `validated`, for a route without a pipe. Throws `validation_error` and `invalid_request`. */
export function readBody<T extends object>(dto: ClassOf<T>, value: unknown): T {
  return readDto(dto, value, false)
}

/** The same as `validatedQuery`, for a route without a pipe. */
export function readQuery<T extends object>(dto: ClassOf<T>, value: unknown, options: { ignoreUnknown?: boolean } = {}): T {
  return readDto(dto, value, options.ignoreUnknown ?? false)
}

const VALIDATION: ValidatorOptions = {
  forbidUnknownValues: false,
  validationError: { target: false },
}
const MAX_DEPTH = 20

function nested(dto: () => ClassOf<object>, each: boolean): PropertyDecorator {
  return (target, property) => {
    nestings.set(target, { ...nestings.get(target), [String(property)]: { dto, each } })
    ValidateNested({ each })(target, property as string)
  }
}

function readDto<T extends object>(dto: ClassOf<T>, value: unknown, ignoreUnknown: boolean): T {
  const input = value === undefined ? {} : value
  if (!isPlainObject(input)) throw new AuthError('invalid_request', { message: 'The request body must be a JSON object.' })
  const problems: FieldProblem[] = []
  const plan = planOf(dto)
  const instance = takeKnown(dto, plan, input, '', problems, ignoreUnknown)
  if (problems.length > 0) throw new AuthError('validation_error', { details: problems })
  if (plan.accepts?.(instance)) return instance
  const errors = validateSync(instance, VALIDATION)
  for (const error of errors) collect(error, dto, '', problems)
  if (problems.length > 0) throw new AuthError('validation_error', { details: problems })
  return instance
}

/** An instance with the wire fields under their properties; notes what is unknown or cannot be stored. */
function takeKnown<T extends object>(
  dto: ClassOf<T>,
  plan: Plan,
  input: Record<string, unknown>,
  prefix: string,
  problems: FieldProblem[],
  ignoreUnknown: boolean,
): T {
  const known = new dto() as Record<string, unknown>
  const given = new Set<string>()
  for (const name of Object.keys(input)) {
    const field = plan.byWireName.get(name)
    const path = prefix + shown(name)
    if (!field) {
      if (!ignoreUnknown) report(problems, { field: path, code: 'unknown_field', message: 'This field is not known.' })
      continue
    }
    const value = field.nullIsAbsent && input[name] === null ? undefined : input[name]
    const refusal = unstorable(value, 0)
    if (refusal) {
      report(problems, { field: path, ...refusal })
      continue
    }
    const taken = takeValue(field, value, path, problems, ignoreUnknown)
    if (given.has(field.property) && !sameValue(known[field.property], taken)) {
      const message = 'Two names of the same setting disagree.'
      throw new AuthError('conflicting_settings', { details: [{ field: path, code: 'conflicting_settings', message }] })
    }
    given.add(field.property)
    known[field.property] = taken
  }
  return known as T
}

function takeValue(
  { nested: nesting, convert }: Field,
  value: unknown,
  path: string,
  problems: FieldProblem[],
  ignoreUnknown: boolean,
): unknown {
  if (convert) return convert(value)
  if (!nesting) return value
  const dto = nesting.dto()
  const take = (item: unknown, at: string): unknown => {
    if (isPlainObject(item)) return takeKnown(dto, planOf(dto), item, `${at}.`, problems, ignoreUnknown)
    // class-validator looks into a list where an object belongs, and finds nothing wrong with an empty one.
    if (Array.isArray(item)) report(problems, { field: at, code: 'not_an_object', message: 'This must be an object.' })
    return item
  }
  if (!nesting.each) return take(value, path)
  return Array.isArray(value) ? value.map((item: unknown, i) => take(item, `${path}.${i}`)) : value
}

function unstorable(value: unknown, depth: number): { code: string; message: string } | null {
  if (typeof value === 'string') {
    // U+0000 and lone surrogates: not storable as Postgres text or jsonb.
    return value.includes('\0') || !value.isWellFormed() ? { code: 'invalid_characters', message: 'This holds characters that are not allowed.' } : null
  }
  if (typeof value === 'number') return Number.isFinite(value) ? null : { code: 'invalid_number', message: 'This number is too large.' }
  if (typeof value !== 'object' || value === null) return null
  if (depth >= MAX_DEPTH) return { code: 'too_deep', message: `Objects and lists may be nested ${MAX_DEPTH} deep.` }
  for (const [key, inner] of Object.entries(value)) {
    const refusal = unstorable(key, depth) ?? unstorable(inner, depth + 1)
    if (refusal) return refusal
  }
  return null
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // Fastify's query parser makes objects of a class without prototype.
  return !Array.isArray(value) && (prototype === Object.prototype || prototype === null || !(prototype instanceof Object))
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function shown(name: string): string {
  return name.length > 64 ? `${cutText(name, 64)}…` : name
}
