import 'reflect-metadata'
import type { PipeTransform, Type as ClassOf } from '@nestjs/common'
import { AuthError, type FieldProblem } from '@portico/kernel/auth-error'
import { cutText } from '@portico/kernel/outside-text'
import { snakeCase } from '@portico/kernel/snake-case'
import { getMetadataStorage, IS_OPTIONAL, ValidateNested, validateSync, type ValidationError, type ValidatorOptions } from 'class-validator'

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

interface Nesting {
  dto: () => ClassOf<object>
  each: boolean
}

interface Field {
  property: string
  nested: Nesting | undefined
  convert: ((value: unknown) => unknown) | undefined
  /** `null` is the same as nothing. */
  nullIsAbsent: boolean
}

interface Plan {
  byWireName: Map<string, Field>
  wireName: Map<string, string>
  /** Whether an instance passes, without an account of what is wrong; `null` where only class-validator can tell. */
  accepts: ((instance: object) => boolean) | null
}

const VALIDATION: ValidatorOptions = {
  forbidUnknownValues: false,
  validationError: { target: false },
}
const MAX_PROBLEMS = 50
const MAX_DEPTH = 20

const renames = new WeakMap<object, Record<string, string[]>>()
const nestings = new WeakMap<object, Record<string, Nesting>>()
const conversions = new WeakMap<object, Record<string, (value: unknown) => unknown>>()
const nullables = new WeakMap<object, Record<string, true>>()
const plans = new WeakMap<object, Plan>()

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

function takeValue({ nested: nesting, convert }: Field, value: unknown, path: string, problems: FieldProblem[], ignoreUnknown: boolean): unknown {
  if (convert) return convert(value)
  if (!nesting) return value
  const dto = nesting.dto()
  const take = (item: unknown, prefix: string): unknown => (isPlainObject(item) ? takeKnown(dto, planOf(dto), item, prefix, problems, ignoreUnknown) : item)
  if (!nesting.each) return take(value, `${path}.`)
  return Array.isArray(value) ? value.map((item: unknown, i) => take(item, `${path}.${i}.`)) : value
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

function collect(error: ValidationError, dto: ClassOf<object>, prefix: string, problems: FieldProblem[]): void {
  const plan = plans.get(dto)
  const wire = plan?.wireName.get(error.property) ?? error.property
  const field = prefix + wire
  const found = Object.entries(error.constraints ?? {}).map(([constraint, text]) => {
    const code = codeOf(error.contexts?.[constraint]) ?? CONSTRAINT_CODES[constraint] ?? snakeCase(constraint)
    return { field, code, message: CODE_MESSAGES[code] ?? text.replace(error.property, wire) }
  })
  if (found.length > 0) {
    // One problem per field, the most basic one: what is missing is not also too short.
    if (error.value === undefined) report(problems, { field, code: 'required', message: 'This field is required.' })
    else report(problems, found.find(({ code }) => /^not_an?_/.test(code)) ?? (found[0] as FieldProblem))
  }
  const inner = plan?.byWireName.get(wire)?.nested?.dto()
  for (const child of error.children ?? []) {
    if (inner && /^\d+$/.test(child.property) && !plans.get(inner)?.wireName.has(child.property)) {
      for (const grandchild of child.children ?? []) collect(grandchild, inner, `${field}.${child.property}.`, problems)
      if (child.constraints) collect({ ...child, children: [] } as ValidationError, inner, `${field}.`, problems)
    } else {
      collect(child, inner ?? dto, `${field}.`, problems)
    }
  }
}

const CONSTRAINT_CODES: Readonly<Record<string, string>> = {
  isDefined: 'required',
  isNotEmpty: 'required',
  isString: 'not_a_string',
  isEmail: 'invalid_email',
  isInt: 'not_an_integer',
  isNumber: 'not_a_number',
  isBoolean: 'not_a_boolean',
  isArray: 'not_a_list',
  isObject: 'not_an_object',
  nestedValidation: 'not_an_object',
  isUuid: 'invalid_id',
  isUrl: 'invalid_url',
  isIn: 'not_allowed',
  isEnum: 'not_allowed',
  isISO8601: 'invalid_time',
  isRFC3339: 'invalid_time',
  minLength: 'too_short',
  maxLength: 'too_long',
  isLength: 'wrong_length',
  min: 'too_small',
  max: 'too_large',
  arrayMinSize: 'too_few',
  arrayMaxSize: 'too_many',
  arrayUnique: 'duplicates',
  matches: 'invalid_format',
}

const CODE_MESSAGES: Readonly<Record<string, string>> = {
  required: 'This field is required.',
  not_a_string: 'This must be a string.',
  invalid_email: 'This must be an email address.',
  not_an_integer: 'This must be a whole number.',
  not_a_number: 'This must be a number.',
  not_a_boolean: 'This must be true or false.',
  not_a_list: 'This must be a list.',
  not_an_object: 'This must be an object.',
  invalid_id: 'This must be an id.',
  invalid_url: 'This must be a URL.',
  invalid_time: 'This must be an RFC 3339 time.',
  invalid_format: 'This does not have the right form.',
}

function codeOf(context: unknown): string | null {
  return typeof context === 'object' && context !== null && 'code' in context && typeof context.code === 'string' ? context.code : null
}

function planOf(dto: ClassOf<object>): Plan {
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
        property.constraints.push((instance, value) => validator.validate(value, { value, constraints: args, object: instance, property: propertyName, targetName: dto.name }) === true)
      }
    } else {
      return null
    }
  }
  const checks = [...properties]
  return (instance) =>
    checks.every(([name, { conditions, constraints }]) => {
      const value = (instance as Record<string, unknown>)[name]
      return conditions.some((condition) => !condition(instance, value)) || constraints.every((constraint) => constraint(instance, value))
    })
}

function inherited<T>(map: WeakMap<object, Record<string, T>>, dto: ClassOf<object>, property: string): T | undefined {
  for (let target: object | null = dto.prototype as object; target; target = Object.getPrototypeOf(target) as object | null) {
    const found = map.get(target)?.[property]
    if (found !== undefined) return found
  }
  return undefined
}

function report(problems: FieldProblem[], problem: FieldProblem): void {
  if (problems.length < MAX_PROBLEMS) problems.push(problem)
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
