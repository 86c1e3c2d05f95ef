import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface AddressRoute {
  plane: 'control' | 'data'
  method: string
  path: string
  /** A body that is complete but for the address. */
  body: Record<string, unknown>
  needsSession: boolean
}

type Json = Record<string, unknown>

const VALUES: Record<string, unknown> = { password: 'walnut bread tuesday', code: '123456' }

/** Every route whose body has a field `email`, from the OpenAPI files. */
export function addressRoutes(): AddressRoute[] {
  return (['control', 'data'] as const).flatMap((plane) => {
    const document = parse(readFileSync(new URL(`../../openapi/${plane}-plane.yaml`, import.meta.url), 'utf8')) as Json
    const resolve = (value: unknown): Json => {
      const node = (value ?? {}) as Json
      return typeof node['$ref'] === 'string'
        ? resolve(
            node['$ref']
              .slice(2)
              .split('/')
              .reduce<unknown>((at, key) => (at as Json)[key.replaceAll('~1', '/')], document),
          )
        : node
    }
    return Object.entries(document['paths'] as Json).flatMap(([path, item]) =>
      ['post', 'put', 'patch'].flatMap((method): AddressRoute[] => {
        const operation = resolve(item)[method] as Json | undefined
        const content = operation && (resolve(operation['requestBody'])['content'] as Json | undefined)
        const schema = resolve((content?.['application/json'] as Json | undefined)?.['schema'])
        const variants = [
          schema,
          ...['oneOf', 'anyOf', 'allOf'].flatMap((key) => ((schema[key] as unknown[] | undefined) ?? []).map(resolve)),
        ]
        if (!operation || !variants.some((variant) => Object.hasOwn((variant['properties'] as Json | undefined) ?? {}, 'email'))) return []
        const required = variants
          .flatMap((variant) => (variant['required'] as string[] | undefined) ?? [])
          .filter((name) => name !== 'email')
        // The address counts where a code stands beside it.
        if (variants.some((variant) => Object.hasOwn((variant['properties'] as Json | undefined) ?? {}, 'code'))) required.push('code')
        const security = (operation['security'] ?? document['security'] ?? []) as unknown[]
        return [
          {
            plane,
            method: method.toUpperCase(),
            path,
            body: Object.fromEntries(required.map((name) => [name, VALUES[name] ?? 'x'])),
            needsSession: security.length > 0,
          },
        ]
      }),
    )
  })
}
