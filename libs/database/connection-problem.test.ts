import { UnusablePoolerError } from '@portico/postgres/pooler'
import { AuthError } from '@portico/kernel/auth-error'
import { expect, test } from 'vitest'
import { connectionProblem, mayComeBack } from './connection-problem.js'

const failed = (code: string, message = 'x') => Object.assign(new Error(message), { code })

test.each<[string, Error, RegExp | null]>([
  ['a refused password', failed('28P01'), /login/],
  ['pg_hba.conf', failed('28000'), /login/],
  ['no such database', failed('3D000'), /does not exist/],
  ['no connection left', failed('53300'), /no connection left/],
  ['a server that starts', failed('57P03'), /starting/],
  ['a parameter that a pooler does not take', failed('08P01', 'unsupported startup parameter: search_path'), /start of the connection/],
  ['a certificate of its own', failed('DEPTH_ZERO_SELF_SIGNED_CERT'), /certificate/],
  ['a chain of its own', failed('SELF_SIGNED_CERT_IN_CHAIN'), /certificate/],
  ['an old certificate', failed('CERT_HAS_EXPIRED'), /certificate/],
  ['another host in the certificate', failed('ERR_TLS_CERT_ALTNAME_INVALID'), /certificate/],
  ['no TLS', new Error('The server does not support SSL connections'), /TLS/],
  ['an unknown host', failed('ENOTFOUND'), /host name/],
  ['nobody there', new AggregateError([failed('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:5432')]), /nobody listens/],
  ['silence', new Error('Connection terminated due to connection timeout'), /in time/],
  ['a pooler that forgets', new UnusablePoolerError(), /pooler/],
  ['something else', new Error('hm'), null],
])('%s', (_what, error, said) => {
  const problem = connectionProblem(new AuthError('unavailable', { cause: error }))
  if (said === null) expect(problem).toBeNull()
  else expect(problem).toMatch(said)
  expect(problem ?? '').not.toMatch(/10\.0\.0\.1|search_path/)
})

test.each<[string, Error, boolean]>([
  ['nobody there', new AggregateError([failed('ECONNREFUSED')]), true],
  ['a host name that is not known yet', failed('ENOTFOUND'), true],
  ['a server that starts', failed('57P03'), true],
  ['silence', new Error('Connection terminated due to connection timeout'), true],
  ['a standby', failed('25006'), true],
  ['a refused password', failed('28P01'), false],
  ['no such database', failed('3D000'), false],
  ['an authority that is not there', failed('ENOENT'), false],
  ['a certificate of its own', failed('DEPTH_ZERO_SELF_SIGNED_CERT'), false],
  ['a lock that another one holds', failed('55P03', 'canceling statement due to lock timeout'), false],
])('whether waiting may help: %s', (_what, error, may) => {
  expect(mayComeBack(new Error('The migrations could not be applied', { cause: error }))).toBe(may)
})
