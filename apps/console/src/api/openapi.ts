import { queryOptions } from '@tanstack/react-query'

/** What the pages need to know of a schema. */
export interface JsonSchema {
  type?: string | string[]
  enum?: unknown[]
  description?: string
  default?: unknown
  minimum?: number
  maximum?: number
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
}

/** The API's own description: what is added there (a setting, an event) appears in the pages by itself. */
export const openapiQuery = queryOptions({
  queryKey: ['openapi'],
  queryFn: async ({ signal }) => {
    const response = await fetch('/openapi.json', { signal })
    if (!response.ok) throw new Error(`The description of the API answered ${response.status}.`)
    const document = (await response.json()) as { components: { schemas: Record<string, JsonSchema> } }
    return document.components.schemas
  },
  staleTime: Infinity,
})

/** The names that a field takes: `choicesOf(schemas, 'Settings', 'default_locale')`. */
export function choicesOf(schemas: Record<string, JsonSchema> | undefined, name: string, field: string): string[] {
  const schema = schemas?.[name]?.properties?.[field]
  return (schema?.enum ?? schema?.items?.enum ?? []).filter((choice) => choice !== null).map(String)
}
