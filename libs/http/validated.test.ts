import { AuthError } from '@portico/kernel/auth-error'
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString } from 'class-validator'
import { expect, test } from 'vitest'
import { Nested, NestedEach, validated } from './validated.js'

class RuleBody {
  @IsString() hostName!: string
  @IsOptional() @IsInt() port?: number
}

class BaseBody {
  @IsOptional() @IsString() displayName?: string
}

class RulesBody extends BaseBody {
  @IsOptional() @IsArray() @ArrayMaxSize(3) @NestedEach(() => RuleBody) rules?: RuleBody[]
  @IsOptional() @Nested(() => RuleBody) first?: RuleBody
}

class EmptyBody {}

function read<T extends object>(dto: new () => T, value: unknown): T | [string, string][] {
  try {
    return validated(dto).transform(value, { type: 'body' }) as T
  } catch (error) {
    return error instanceof AuthError
      ? (error.details ?? []).map(({ field, code }): [string, string] => [field, code])
      : (Promise.reject(error) as never)
  }
}

test('a list of objects is read and its problems carry the index', () => {
  const good = read(RulesBody, { display_name: 'x', rules: [{ host_name: 'a' }, { host_name: 'b', port: 1 }] }) as RulesBody
  expect(good.rules?.map((rule) => [rule instanceof RuleBody, rule.hostName, rule.port])).toEqual([[true, 'a', undefined], [true, 'b', 1]])
  expect(good.displayName).toBe('x')
  expect(read(RulesBody, { rules: [{ host_name: 'a' }, { host_name: 5, port: 'x' }] })).toEqual([
    ['rules.1.host_name', 'not_a_string'],
    ['rules.1.port', 'not_an_integer'],
  ])
  expect(read(RulesBody, { rules: [{ host_name: 'a', x: 1 }] })).toEqual([['rules.0.x', 'unknown_field']])
  expect(read(RulesBody, { rules: [5] })).toEqual([['rules.0', 'not_an_object']])
  expect(read(RulesBody, { rules: 'x' })).toEqual([['rules', 'not_a_list']])
  expect(read(RulesBody, { rules: [1, 2, 3, 4].map(() => ({ host_name: 'a' })) })).toEqual([['rules', 'too_many']])
})

test.each([[], [[]], [{}], [{ host_name: 'a' }]].map((list) => [list]))('a list is no object: %j', (list) => {
  expect(read(RulesBody, { first: list })).toEqual([['first', 'not_an_object']])
  expect(read(RulesBody, { rules: [list] })).toEqual([['rules.0', 'not_an_object']])
})

test('a missing field is required, whatever else is asked of it', () => {
  expect(read(RuleBody, {})).toEqual([['host_name', 'required']])
  expect(read(RuleBody, { host_name: null })).toEqual([['host_name', 'not_a_string']])
})

test('a body class without fields takes nothing', () => {
  expect(read(EmptyBody, undefined)).toBeInstanceOf(EmptyBody)
  expect(read(EmptyBody, { a: 1 })).toEqual([['a', 'unknown_field']])
})

test('names that objects inherit are unknown fields', () => {
  expect(read(RulesBody, JSON.parse('{"__proto__":{"displayName":"x"}}'))).toEqual([['__proto__', 'unknown_field']])
  expect(read(RulesBody, { constructor: 'x', toString: 'y', hasOwnProperty: 'z' })).toEqual([
    ['constructor', 'unknown_field'],
    ['toString', 'unknown_field'],
    ['hasOwnProperty', 'unknown_field'],
  ])
})

test('the number of problems is bounded', () => {
  expect(read(EmptyBody, Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, i])))).toHaveLength(50)
})
