import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AuthError } from '@portico/kernel/auth-error'

/** The built app SDK for pages without a build. Read at the first request and kept. */
export class BrowserScript {
  #text: string | null = null

  /** Throws `not_found` in a tree where the SDK was not built. */
  text(): string {
    if (this.#text !== null) return this.#text
    // The same file from the sources and from `dist`.
    const file = ['../../../', '../../../../']
      .map((up) => fileURLToPath(new URL(`${up}libs/sdk-app/dist/portico-auth.js`, import.meta.url)))
      .find((path) => existsSync(path))
    if (file === undefined) throw new AuthError('not_found')
    return (this.#text = readFileSync(file, 'utf8'))
  }
}
