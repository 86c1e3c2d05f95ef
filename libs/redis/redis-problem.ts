import { networkProblem } from '@portico/kernel/network-problem'

/** What Redis answers, and what an operator has to look at. */
const ANSWERS: readonly [RegExp, string][] = [
  [/^(WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password)/i, 'the login was refused (password, or ACL)'],
  [/^NOPERM/, 'the user may not do what is needed (ACL)'],
  [/^(READONLY|MASTERDOWN|NOREPLICAS)/, 'the server takes no writes'],
  [/^(CLUSTERDOWN|TRYAGAIN)/, 'the cluster is not whole'],
  [/^LOADING/, 'the server is starting'],
  [/^OOM/, 'the server has no memory left'],
  [/sentinels? (are|is) unreachable/i, 'no sentinel answers'],
]

/** Why Redis cannot be worked with, without names, addresses or secrets: for readiness and the log. `null`: not known. */
export function redisProblem(error: unknown): string | null {
  let at: unknown = error
  for (let depth = 0; at instanceof Error && depth < 6; depth += 1) {
    const { message, code, cause, lastNodeError } = at as Error & { code?: unknown; lastNodeError?: unknown }
    const network = networkProblem(String(code ?? ''))
    if (network !== null) return network
    // Sentinel's client tells of the last sentinel within its own words.
    const inner = /Last error: (.*)/.exec(message)?.[1] ?? ''
    const known = ANSWERS.find(([form]) => form.test(inner)) ?? ANSWERS.find(([form]) => form.test(message))
    if (known) return known[1]
    if (/timed? ?out|time limit/i.test(message)) return 'the server does not answer in time'
    at = lastNodeError ?? cause ?? (at instanceof AggregateError ? at.errors[0] : null)
  }
  return null
}
