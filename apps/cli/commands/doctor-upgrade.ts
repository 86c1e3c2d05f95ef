import { toCliError } from '../cli-error.js'
import { LIMIT_MS, failed, ok, skipped, warning, type Finding } from './doctor-finding.js'

/** Where the parts of an installation answer; `null`: not known here. */
export interface Parts {
  'control plane': string | null
  'data plane': string | null
  worker: string | null
}

interface Told {
  name: string
  version: string | null
  problem: string | null
}

/** Which release each part runs, beside that of this command: half of an upgrade works, and is to be finished. */
export async function upgrade(parts: Parts, own: string): Promise<[string, Finding][]> {
  const told = await Promise.all(Object.entries(parts).map(([name, url]) => ask(name, url)))
  const versions = told.flatMap(({ version }) => version ?? [])
  const newest = versions.toSorted(byRelease).at(-1) ?? null
  return [
    ...told.map((each): [string, Finding] => [each.name, findingOf(each, newest)]),
    ['command', commandFinding(own, newest)],
  ]
}

function findingOf({ name, version, problem }: Told, newest: string | null): Finding {
  if (problem !== null) return name === 'worker' ? skipped(problem) : failed(problem, 'Start it, or say where it answers: see `portico doctor`.')
  if (version === null)
    return failed(`${name} does not say its release: it is older than 0.1.0`, 'Bring the schema up to date (scripts/migrate.mjs), then replace it.')
  if (version !== newest)
    return warning(`${name} runs ${version}, others ${newest}`, 'Replace it, too: releases work side by side for the time of an upgrade only.')
  return ok(`${name} runs ${version}`)
}

function commandFinding(own: string, newest: string | null): Finding {
  if (newest === null || own === newest) return ok(`this command is ${own}`)
  return warning(`this command is ${own}, the services run ${newest}`, `Install it anew: npm install --global portico@${newest}`)
}

async function ask(name: string, url: string | null): Promise<Told> {
  if (url === null) return { name, version: null, problem: 'its address is not known here' }
  try {
    const answer = await fetch(`${url}/health/live`, { redirect: 'error', signal: AbortSignal.timeout(LIMIT_MS) })
    const { version } = (await answer.json()) as { version?: unknown }
    return { name, version: typeof version === 'string' ? version : null, problem: null }
  } catch (error) {
    return { name, version: null, problem: toCliError(error, url).message }
  }
}

function byRelease(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}
