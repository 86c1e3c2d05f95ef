import type { Type as ClassOf } from '@nestjs/common'
import type { FieldProblem } from '@portico/kernel/auth-error'
import { snakeCase } from '@portico/kernel/snake-case'
import type { ValidationError } from 'class-validator'
import { planOf } from './body-plan.js'

const MAX_PROBLEMS = 50

/** What class-validator found, by wire name and with the codes of the API. */
export function collect(error: ValidationError, dto: ClassOf<object>, prefix: string, problems: FieldProblem[]): void {
  const plan = planOf(dto)
  const wire = plan.wireName.get(error.property) ?? error.property
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
  const inner = plan.byWireName.get(wire)?.nested?.dto()
  for (const child of error.children ?? []) {
    if (inner && /^\d+$/.test(child.property) && !planOf(inner).wireName.has(child.property)) {
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

export function report(problems: FieldProblem[], problem: FieldProblem): void {
  if (problems.length < MAX_PROBLEMS) problems.push(problem)
}
