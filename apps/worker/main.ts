import { freshBundle } from '@portico/config/fresh-bundle'

await import(freshBundle(import.meta.url) ?? './serve.js')
