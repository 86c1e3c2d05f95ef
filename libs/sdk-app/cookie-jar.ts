/** What a browser keeps of one cookie without its name and value: 4,096 bytes together with them (RFC 6265, 6.1), so less is put in. */
const CHUNK = 3_600
const MOST_CHUNKS = 5
const VALUE = /^[\w.~-]*$/

/**
 * The cookies of an app's server: HttpOnly, for the whole host, `Lax`, so that they come along when a link or the sign-in page leads here
 * and with no form of another site. `__Host-`: no other host of the domain can plant one (RFC 6265bis, 4.1.3).
 */
export class CookieJar {
  readonly #prefix: string
  readonly #secure: boolean

  /** Plain http is for development alone: not every browser keeps Secure cookies there. */
  constructor(secure: boolean) {
    this.#secure = secure
    this.#prefix = secure ? '__Host-' : ''
  }

  read(header: string | null, name: string): string | null {
    return cookiesOf(header).get(this.#prefix + name) ?? null
  }

  /** Names that begin so, without what the jar puts in front. */
  names(header: string | null, start: string): string[] {
    const wanted = this.#prefix + start
    return [...cookiesOf(header).keys()].filter((name) => name.startsWith(wanted)).map((name) => name.slice(this.#prefix.length))
  }

  write(name: string, value: string, maxAgeSeconds: number): string {
    if (!VALUE.test(value)) throw new TypeError('A cookie takes letters, digits, «-», «_», «.» and «~».')
    const secure = this.#secure ? '; Secure' : ''
    return `${this.#prefix}${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly${secure}; SameSite=Lax`
  }

  /** A value of any length up to five cookies, and the end of those that an earlier, longer one needed. */
  writeLong(header: string | null, name: string, value: string, maxAgeSeconds: number): string[] {
    const parts = value.match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? ['']
    if (parts.length > MOST_CHUNKS) throw new TypeError('The session does not fit into cookies: put less into the claims of its tokens.')
    const named = parts.map((part, at) => this.write(partName(name, at), at === 0 ? `${parts.length}.${part}` : part, maxAgeSeconds))
    return [...named, ...this.#drop(header, name, parts.length)]
  }

  readLong(header: string | null, name: string): string | null {
    const cookies = cookiesOf(header)
    const part = (at: number) => cookies.get(this.#prefix + partName(name, at))
    const [, count, first] = /^([1-5])\.(.*)$/.exec(part(0) ?? '') ?? []
    if (count === undefined || first === undefined) return null
    const rest = Array.from({ length: Number(count) - 1 }, (_, at) => part(at + 1))
    return rest.includes(undefined) ? null : first + rest.join('')
  }

  dropLong(header: string | null, name: string): string[] {
    return this.#drop(header, name, 0)
  }

  #drop(header: string | null, name: string, from: number): string[] {
    const cookies = cookiesOf(header)
    const names = Array.from({ length: MOST_CHUNKS }, (_, at) => partName(name, at)).slice(from)
    return names.filter((each) => cookies.has(this.#prefix + each)).map((each) => this.write(each, '', 0))
  }
}

const partName = (name: string, at: number) => (at === 0 ? name : `${name}.${at}`)

/** The first of a name counts: browsers put the one of the longest path first, and ours are the only ones that can be `__Host-`. */
function cookiesOf(header: string | null): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    if (at > 0 && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim())
  }
  return cookies
}

/** The same `Cookie` header after a browser had taken these `Set-Cookie` lines: for whoever answers the request that goes on. */
export function cookieHeaderAfter(header: string | null, lines: readonly string[]): string {
  const cookies = cookiesOf(header)
  for (const line of lines) {
    const [pair = ''] = line.split(';', 1)
    const at = pair.indexOf('=')
    if (/; Max-Age=0(;|$)/.test(line)) cookies.delete(pair.slice(0, at))
    else cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}
