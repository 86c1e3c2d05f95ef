export interface RedisAddress {
  kind: 'single' | 'cluster' | 'sentinel'
  tls: boolean
  /** Of a cluster some of its nodes, the others are asked for; of Sentinel the sentinels. */
  hosts: { host: string; port: number }[]
  username: string | null
  password: string | null
  db: number
  /** What the sentinels call it. */
  master: string
  sentinelPassword: string | null
  /** PEM of the authority that signed the servers' certificates; null: those that Node knows. */
  caFile: string | null
}

const SCHEMES: Readonly<Record<string, [RedisAddress['kind'], boolean]>> = {
  redis: ['single', false],
  rediss: ['single', true],
  'redis-cluster': ['cluster', false],
  'rediss-cluster': ['cluster', true],
  'redis-sentinel': ['sentinel', false],
  'rediss-sentinel': ['sentinel', true],
}
const DEFAULT_PORT = { single: 6379, cluster: 6379, sentinel: 26_379 }
const SHAPE = /^([a-z-]+):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?@]+)(?:\/(\d*))?(?:\?(.*))?$/

/**
 * `redis://user:password@host:port/db`; `redis-cluster://user:password@host,host`;
 * `redis-sentinel://user:password@sentinel,sentinel/db?master=name&sentinel_password=…`; each with
 * `rediss` for TLS, and `ca_file`. `null`: none of these.
 */
export function parseRedisUrl(text: string): RedisAddress | null {
  const [, scheme = '', username = '', password = '', authority = '', db = '', query = ''] = SHAPE.exec(text) ?? []
  const [kind, tls] = SCHEMES[scheme] ?? []
  if (kind === undefined || tls === undefined) return null
  const named = authority.split(',').map((each) => hostOf(each, DEFAULT_PORT[kind]))
  const hosts = named.filter((host) => host !== null)
  if (hosts.length < named.length) return null
  const fields = new URLSearchParams(query)
  const known = kind === 'sentinel' ? ['master', 'sentinel_password', 'ca_file'] : ['ca_file']
  if ([...fields.keys()].some((name) => !known.includes(name))) return null
  if ((kind === 'single' && hosts.length > 1) || (kind === 'cluster' && Number(db) > 0)) return null
  try {
    return {
      kind,
      tls,
      hosts,
      username: decodeURIComponent(username) || null,
      password: decodeURIComponent(password) || null,
      db: Number(db),
      master: fields.get('master') ?? 'mymaster',
      sentinelPassword: fields.get('sentinel_password'),
      caFile: fields.get('ca_file') || null,
    }
  } catch {
    return null
  }
}

function hostOf(text: string, port: number): RedisAddress['hosts'][number] | null {
  const [, bracketed, name, given] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = bracketed ?? name
  const number = given === undefined ? port : Number(given)
  return host === undefined || number < 1 || number > 65_535 ? null : { host, port: number }
}
