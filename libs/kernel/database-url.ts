const FORM = /^(postgres(?:ql)?:\/\/)(?:([^/?#]*)@)?([^/?#]*)(.*)$/s

/**
 * One URL for each host of `postgresql://user@one:5432,other:5433/db?target_session_attrs=read-write` (libpq, 34.1.1.3), in their order.
 * A URL with one host is answered as it is. Work is done where writes are taken, so other values of `target_session_attrs` mean nothing.
 */
export function urlsOfHosts(url: string): string[] {
  const [, scheme, credentials, hosts = '', rest = ''] = FORM.exec(url) ?? []
  if (!hosts.includes(',')) return [url]
  const path = rest.replace(/([?&])target_session_attrs=[^&#]*(&|$)/, (_, before: string, after: string) => (after === '&' ? before : ''))
  return hosts.split(',').map((host) => `${scheme}${credentials === undefined ? '' : `${credentials}@`}${host}${path}`)
}

/** The same URL with other credentials, whatever it carried. */
export function withCredentials(url: string, credentials: (username: string) => { username: string; password: string }): string {
  const [, scheme, given = '', hosts, rest] = FORM.exec(url) ?? []
  if (scheme === undefined) throw new TypeError('no database URL')
  const { username, password } = credentials(decodeURIComponent(given.split(':')[0]!))
  return `${scheme}${encodeURIComponent(username)}:${encodeURIComponent(password)}@${hosts}${rest}`
}

/** Whom the URL names; empty when nobody. */
export function usernameOf(url: string): string {
  return decodeURIComponent((FORM.exec(url)?.[2] ?? '').split(':')[0]!)
}
