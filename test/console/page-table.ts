import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Sample } from './sample.js'

interface Page {
  path: string
  title: string
}

const FOLDER = fileURLToPath(new URL('../../apps/console/src/pages/', import.meta.url))

/** The table that the console's router and sidebar are made from: one folder each. */
async function tableOfTheRouter(): Promise<Page[]> {
  const names = readdirSync(FOLDER)
  return Promise.all(names.map(async (name) => ((await import(`${FOLDER}${name}/page.ts`)) as { page: Page }).page))
}

/** What a page shows besides its first look: parts and choices that stand in its address. */
const LOOKS: Readonly<Record<string, readonly string[]>> = {
  '/': ['?range=30d'],
  '/device': ['?user_code=BCDF-GHJK'],
  '/projects': ['?create=1', '?status=archived'],
  '/projects/$projectId/mail': ['?tab=senders', '?tab=words', '?tab=suppressed'],
  '/projects/$projectId/people': ['?add=1', '?q=nobody@'],
  '/projects/$projectId/sso/$connectionId': ['?idp=google'],
}

/** Addresses of the console that no page stands at, and projects that have nothing yet. */
const BESIDE = (sample: Sample): string[] => [
  '/nowhere',
  '/projects/proj_00000000-0000-4000-8000-000000000000',
  ...['', '/people', '/keys', '/webhooks', '/organizations', '/mail', '/look', '/hooks', '/sso', '/directories'].map((path) => `/projects/${sample.bareProjectId}${path}`),
]

/** Every address to look at, made from the router's own table: a page that is added is among them by itself. */
export async function everyAddress(sample: Sample): Promise<string[]> {
  const pages = await tableOfTheRouter()
  const filled = pages.flatMap(({ path }) => ['', ...(LOOKS[path] ?? [])].map((more) => fill(path, sample) + more))
  return [...filled, ...BESIDE(sample)]
}

function fill(path: string, sample: Sample): string {
  return path.replaceAll(/\$(\w+)/g, (_all, name: string) => {
    // An endpoint of the workspace has the same name in another address.
    const value = sample.params[path.startsWith('/webhooks/') ? 'tenantWebhookId' : name]
    if (value === undefined) throw new Error(`test/console/sample.ts has to say what stands for $${name} in ${path}`)
    return value
  })
}
