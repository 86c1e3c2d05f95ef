// The routes of an app as its controllers and routes files write them, with the classes that read body and query.
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** `{ name: 'GET /projects', body, query }`, each class by its name or null; `prefix` is left out of the paths, as in the API reference. */
export function routesOf(app, prefix) {
  const files = readdirSync(ROOT + app, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(controller|routes)\.ts$/.test(file) && !/(^|\/)(dist|node_modules)\//.test(file))
    .toSorted()
  return files.flatMap((file) => {
    const text = readFileSync(`${ROOT}${app}/${file}`, 'utf8')
    return [...controllerRoutes(text, prefix), ...plainRoutes(text, prefix)]
  })
}

function controllerRoutes(text, prefix) {
  const base = /@Controller\('([^']*)'\)/.exec(text)?.[1] ?? ''
  return text.split(/(?=@(?:Get|Post|Put|Patch|Delete)\()/).slice(1).flatMap((part) => {
    const [, method, paths] = /^@(\w+)\(([^)]*)\)/.exec(part)
    const [body, query] = [/\bvalidated\((\w+)\)/, /\bvalidatedQuery\((\w+)/].map((form) => form.exec(part)?.[1])
    return named(method, paths === '' ? "''" : paths, base, prefix, body, query)
  })
}

function plainRoutes(text, prefix) {
  const routes = text.matchAll(/\broute\.(get|post|put|patch|delete)\(\s*(\[[^\]]*\]|'[^']*')\s*,\s*\{([^}]*)\}/g)
  return [...routes].flatMap(([, method, paths, options]) =>
    named(method, paths, '', prefix, /\bbody: (\w+)/.exec(options)?.[1], /\bquery: (\w+)/.exec(options)?.[1]),
  )
}

function named(method, paths, base, prefix, body, query) {
  return [...paths.matchAll(/'([^']*)'/g)].map(([, path]) => {
    const full = `/${base}/${path}`.replaceAll(/\/+/g, '/').replace(/\/$/, '')
    const below = full.startsWith(`${prefix}/`) ? full.slice(prefix.length) : full
    return { name: `${method.toUpperCase()} ${below.replaceAll(/:(\w+)/g, '{$1}')}`, body: body ?? null, query: query ?? null }
  })
}
