import { createHash, randomBytes } from 'node:crypto'
import { LIMIT_NAMES } from '@portico/kernel/settings/limits'
import { call, type Answer } from './data-plane.js'
import { connect, type Connection } from './sql.js'
import { startProduct, type RunningProduct } from './running-product.js'
import type { BrowserClient } from './browser-client.js'

export const APP_CALLBACK = 'https://app.example/auth/callback'
export const PASSWORD = 'correct horse battery 9!'

export interface SignInFixture extends RunningProduct {
  owner: Connection
  /** A project with these providers on, and no limit in the way unless given. Answers its id and AUTH_URL. */
  project(providers: string[], settings?: Record<string, unknown>): Promise<{ id: string; uuid: string; base: string }>
  audit(uuid: string, action: string): Promise<{ metadata: Record<string, unknown> }[]>
  close(): Promise<void>
}

const OPEN_LIMITS = Object.fromEntries(LIMIT_NAMES.map((name) => [name, { points: 100_000, window_seconds: 60 }]))

export async function startSignInFixture(options: Parameters<typeof startProduct>[0] = {}): Promise<SignInFixture> {
  const product = await startProduct(options)
  const owner = await connect(product.control.database.url)
  return {
    ...product,
    owner,
    project: async (providers, settings = {}) => {
      const made = await product.control.call('POST', 'projects', { name: 'Blue Bakery' })
      const id = made.body.data.id as string
      const body = {
        providers,
        redirect_urls: [APP_CALLBACK, 'https://*.preview.example.com/cb'],
        ...settings,
        limits: { ...OPEN_LIMITS, ...(settings['limits'] as object) },
      }
      const enabled = await product.control.call('POST', `projects/${id}/auth`, body)
      if (enabled.status !== 201) throw new Error(enabled.text)
      return { id, uuid: id.slice(5), base: enabled.body.data.auth_url as string }
    },
    audit: (uuid, action) =>
      owner.query('select metadata from auth.audit_event where project_id = $1 and action = $2 order by created_at', [uuid, action]),
    close: async () => {
      await owner.close()
      await product.stop()
    },
  }
}

export interface ProofKey {
  verifier: string
  challenge: string
}

export function proofKey(): ProofKey {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

export const unique = (name = 'user') => `${name}.${randomBytes(4).toString('hex')}@example.com`

export function startUrl(base: string, provider: string, key: ProofKey, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ redirect_to: APP_CALLBACK, code_challenge: key.challenge, code_challenge_method: 'S256', ...more })
  return `${base}/oauth/${provider}/start?${query}`
}

export const atApp = (url: URL) => url.hostname === 'app.example'

/** The whole way: to the provider, through it, back to the app, and the code for a session. */
export async function signInWith(browser: BrowserClient, base: string, provider: string): Promise<{ landed: URL; session: Answer | null }> {
  const key = proofKey()
  const landed = await browser.travel(startUrl(base, provider, key, { state: 'app-state' }), atApp)
  const code = landed.searchParams.get('code')
  if (code === null) return { landed, session: null }
  return { landed, session: await call(`${base}/token/exchange`, { body: { code, code_verifier: key.verifier } }) }
}
