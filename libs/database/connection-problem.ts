import { networkProblem } from '@portico/kernel/network-problem'
import { UnusablePoolerError } from '@portico/postgres/pooler'

/** SQLSTATEs, and what an operator has to look at. */
const PROBLEMS: readonly [RegExp, string][] = [
  [/^28/, 'the login of the role was refused (password, or pg_hba.conf)'],
  [/^3D000$/, 'the database does not exist'],
  [/^53300$/, 'the server has no connection left'],
  [/^57P0[123]$/, 'the server is starting, stopping or recovering'],
  [/^(08P01|0A000|42704)$/, 'the start of the connection was refused (a pooler that does not take a parameter?)'],
]

/** Why the database cannot be worked with, without names, addresses or secrets: for readiness and the log. `null`: not known. */
export function connectionProblem(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
    if (at instanceof UnusablePoolerError) return 'the pooler does not carry prepared statements along'
    const code = String((at as { code?: unknown }).code ?? '')
    const known = PROBLEMS.find(([form]) => form.test(code))
    if (known) return known[1]
    const network = networkProblem(code)
    if (network !== null) return network
    if (/tenant or user not found/i.test(at.message)) return 'the pooler does not know the tenant or the role'
    if (/does not support SSL/.test(at.message)) return 'the server does not speak TLS'
    if (/timeout|timed out/i.test(at.message)) return 'the server does not answer in time'
    if (at instanceof AggregateError && at.errors.length > 0) return connectionProblem(at.errors[0])
  }
  return null
}

const AWAY = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|57P0[123]|53300|25006)$/

/** Whether waiting may help: the server is not there, not yet ready, or not the primary. A refused login will be refused again. */
export function mayComeBack(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
    if (AWAY.test(String((at as { code?: unknown }).code ?? ''))) return true
    if (/connection timeout|terminated unexpectedly/i.test(at.message)) return true
    if (at instanceof AggregateError && at.errors.length > 0) return mayComeBack(at.errors[0])
  }
  return false
}
