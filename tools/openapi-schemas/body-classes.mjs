// The classes of an app that say what a body, a form or a query may hold.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** `[name, class]` of every class in `**\/*.body.ts`, by name; read from the build, listed from the sources. */
export async function bodyClasses(app) {
  const files = readdirSync(ROOT + app, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.body.ts') && !/(^|\/)(dist|node_modules)\//.test(file))
    .toSorted()
  const found = new Map()
  for (const file of files) {
    for (const [name, exported] of Object.entries(await import(`${ROOT}${app}/dist/${file.replace(/\.ts$/, '.js')}`))) {
      if (!/^[A-Z]\w*(Body|Form|Query)$/.test(name) || typeof exported !== 'function') continue
      if (found.has(name)) throw new Error(`two classes of ${app} are called ${name}`)
      found.set(name, exported)
    }
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))
}
