import { runtimeVariableContext, signingKeyContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { AUTH_PAIR, ownPairCount } from './auth-pair.js'

/** A key as far as an environment needs it. */
export interface EnvKey {
  kid: string
  alg: 'HS256' | 'ES256'
  state: 'standby' | 'current' | 'retired'
  sealed: Buffer
  retiredAt: Date | null
  verifyUntil: Date | null
}

export interface EnvironmentSource {
  projectId: string
  authUrl: string
  enabled: boolean
  keys: readonly EnvKey[]
  rotation: { fromKid: string; toKid: string; newStandbyKid: string } | null
  variables: readonly { name: string; sealed: Buffer }[]
}

type Value = { text: string } | { key: EnvKey }

/**
 * What a process booted now gets: the managed variables of auth, under the project's own. A project that sets the pair itself
 * brings its own auth and gets none of ours, since a stray `AUTH_JWT_SECRET_NEXT` would let tokens of a service it does not use pass.
 */
export function buildEnvironment(box: SealedBox, source: EnvironmentSource, now: Date): Record<string, string> {
  const env: [string, string][] = []
  for (const [name, value] of managedVariables(source, now))
    env.push([name, 'text' in value ? value.text : openKey(box, source.projectId, value.key)])
  for (const { name, sealed } of source.variables)
    env.push([name, box.open(sealed, runtimeVariableContext(source.projectId, name)).toString('utf8')])
  return Object.fromEntries(new Map(env.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))))
}

/** The managed names that are in force, without any value. */
export function managedNames(source: EnvironmentSource, now: Date): string[] {
  return managedVariables(source, now).map(([name]) => name)
}

function managedVariables(source: EnvironmentSource, now: Date): [string, Value][] {
  const own = new Set(source.variables.map(({ name }) => name))
  if (!source.enabled || ownPairCount(own) === AUTH_PAIR.length) return []
  const { keys, rotation } = source
  const byKid = (kid: string) => keys.find((key) => key.kid === kid)
  const current = keys.find((key) => key.state === 'current')
  if (!current) throw new Error('the project has no current key')
  // The secret that signs now, always: an app that reads nothing else checks every new token with it. What signs next travels beside it.
  const next = rotation ? byKid(rotation.toKid) : keys.find((key) => key.state === 'standby' && key.alg === current.alg)
  const former = keys
    .filter((key) => key.state === 'retired' && key.verifyUntil !== null && key.verifyUntil > now)
    .toSorted((a, b) => (b.retiredAt?.getTime() ?? 0) - (a.retiredAt?.getTime() ?? 0))
  // For tokens from before the last switch, which the app may still be shown.
  const previous = former.find((key) => key.alg === 'HS256')

  const variables: [string, Value][] = [['AUTH_URL', { text: source.authUrl }]]
  if (current.alg === 'HS256') variables.push(['AUTH_JWT_SECRET', { key: current }])
  if (next?.alg === 'HS256') variables.push(['AUTH_JWT_SECRET_NEXT', { key: next }])
  if (previous) variables.push(['AUTH_JWT_SECRET_PREVIOUS', { key: previous }])
  if ([current, next, ...former].some((key) => key?.alg === 'ES256')) {
    variables.push(['AUTH_JWKS_URL', { text: `${source.authUrl}/.well-known/jwks.json` }])
  }
  return variables.filter(([name]) => !own.has(name))
}

function openKey(box: SealedBox, projectId: string, key: EnvKey): string {
  return box.open(key.sealed, signingKeyContext(projectId, key.kid)).toString('utf8')
}
