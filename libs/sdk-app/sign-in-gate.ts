import { Connection } from './connection.js'
import type { CookieSettings } from './cookie-options.js'
import type { components } from './generated.js'

type PublicSettings = components['schemas']['PublicSettings']

const KEPT_MS = 60_000

/** Which paths are for signed-in people alone: what the app says, else the project's `sign_in_gate`, looked up once a minute. */
export class ReadGate {
  readonly #settings: CookieSettings
  #known: { required: boolean; until: number } | null = null
  #asking: Promise<boolean> | null = null

  constructor(settings: CookieSettings) {
    this.#settings = settings
  }

  async protects(path: string): Promise<boolean> {
    const { protect, publicPaths, basePath } = this.#settings
    if (isBelow(path, basePath)) return false
    if (typeof protect === 'function') return protect(path)
    if (protect !== null) return protect.some((start) => isBelow(path, start))
    return !publicPaths.some((start) => isBelow(path, start)) && (await this.#required())
  }

  /** Fails closed until it was answered once; after that what was known holds while `AUTH_URL` cannot be asked. */
  async #required(): Promise<boolean> {
    const known = this.#known
    if (known && known.until > Date.now()) return known.required
    this.#asking ??= this.#ask().finally(() => (this.#asking = null))
    try {
      return await this.#asking
    } catch (error) {
      if (!known) throw error
      this.#known = { ...known, until: Date.now() + 5_000 }
      return known.required
    }
  }

  async #ask(): Promise<boolean> {
    const { url, fetch } = this.#settings
    const answer = await new Connection(url, 'omit', 3_000, fetch).send<PublicSettings>({ method: 'GET', path: '/settings' })
    const required = answer.signInGate === 'required'
    this.#known = { required, until: Date.now() + KEPT_MS }
    return required
  }
}

/** `/admin` is what is below `/admin/` too, and not `/administration`. Compared as the server routes: decoded, in lower case. */
function isBelow(path: string, start: string): boolean {
  const [whole, base] = [path, start].map((each) => plain(each).replace(/\/+$/, ''))
  return whole === base || whole!.startsWith(`${base}/`)
}

/** A path may be written in more than one way; a way past a guard must not be among them. */
function plain(path: string): string {
  let text = path
  try {
    text = decodeURIComponent(path)
  } catch {
    // As it is: no route has such a name.
  }
  return text.toLowerCase().replaceAll(/[\\/]+/g, '/')
}
