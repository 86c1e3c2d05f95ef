import { expect, test } from 'vitest'
import { CliError, exitCodeForStatus, toCliError } from './cli-error.js'

test.each([
  [400, 1],
  [404, 1],
  [409, 1],
  [422, 1],
  [401, 3],
  [403, 3],
  [429, 4],
  [500, 4],
  [503, 4],
])('status %i ends with %i', (status, exitCode) => {
  expect(exitCodeForStatus(status)).toBe(exitCode)
})

test('a refusal keeps its code and request id', () => {
  const refusal = Object.assign(new Error('The API key lacks the scope.'), {
    status: 403,
    code: 'insufficient_scope',
    requestId: 'req_1',
    details: [],
  })
  expect(toCliError(refusal).toAnswer()).toEqual({
    error: { code: 'insufficient_scope', message: 'The API key lacks the scope.', request_id: 'req_1' },
  })
})

test('a lost connection is a network error and says which part was lost', async () => {
  const failure = await fetch('http://127.0.0.1:1/').catch((error: unknown) => toCliError(error))
  expect(failure).toMatchObject({ code: 'network_error', exitCode: 2 })
})

test('an answer that never came is a timeout', () => {
  expect(toCliError(Object.assign(new Error('No answer'), { status: 0, code: 'timeout' }))).toMatchObject({ code: 'timeout', exitCode: 2 })
})

test('what is ours already stays as it is', () => {
  const error = new CliError('x', 'y', { exitCode: 127 })
  expect(toCliError(error)).toBe(error)
})
