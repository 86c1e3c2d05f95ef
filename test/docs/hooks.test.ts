import { readFileSync } from 'node:fs'
import { HOOK_NAMES } from '@portico/kernel/hooks'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { HOOK_CHOICES } from '../../apps/cli/commands/hooks.js'

const ROOT = new URL('../../', import.meta.url).pathname
const read = (file: string) => readFileSync(ROOT + file, 'utf8')

/** Every list of hooks that somebody chooses from; one that lacks a hook hides it. */
const LISTS: Record<string, () => readonly string[]> = {
  'the parameter of the API': () => api().components.parameters['HookName']!.schema.enum,
  'an answer of the API': () => api().components.schemas['Hook']!.properties['hook']!.enum,
  'an answer of the API with the secret': () => api().components.schemas['HookWithSecret']!.properties['hook']!.enum,
  'the CLI': () => HOOK_CHOICES,
  'the TypeScript SDK': () => quoted(/const HOOKS: readonly string\[\] = \[([^\]]+)\]/.exec(read('libs/sdk-js/verify-hook.ts'))![1]!),
  'the Python SDK': () => quoted(/_HOOKS = \(([^)]+)\)/.exec(read('libs/sdk-python/portico/webhooks.py'))![1]!),
  'the words of the console': () => [...read('apps/console/src/pages/hooks/hook-words.ts').matchAll(/^ {2}(\w+): \{ title/gm)].map(([, name]) => name!),
  'the page': () => [...read('docs/hooks.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!),
}

interface Api {
  components: {
    parameters: Record<string, { schema: { enum: string[] } }>
    schemas: Record<string, { properties: Record<string, { enum: string[] }> }>
  }
}
const api = () => parse(read('openapi/control-plane.yaml')) as Api
const quoted = (text: string) => [...text.matchAll(/['"](\w+)['"]/g)].map(([, name]) => name!)

test.each(Object.entries(LISTS))('%s knows every hook', (_what, list) => {
  expect(list().toSorted()).toEqual(HOOK_NAMES.toSorted())
})
