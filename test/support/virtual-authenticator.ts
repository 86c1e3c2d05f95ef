import { existsSync } from 'node:fs'
import { type Browser, chromium, type CDPSession, type Page } from 'playwright-core'

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

/** An answer of `navigator.credentials` in its JSON form. */
export type CredentialJson = Record<string, unknown> & { id: string; response: Record<string, string> }

export interface VirtualAuthenticator {
  /** Opens an empty page of this origin; every address answers with one. */
  visit(origin: string): Promise<void>
  /** `navigator.credentials.create()`; rejects with the browser's error. */
  create(options: unknown): Promise<CredentialJson>
  /** `navigator.credentials.get()`. */
  get(options: unknown, mediation?: 'conditional'): Promise<CredentialJson>
  /** Whether the person touches and unlocks it (PIN, finger). */
  setUserVerified(verified: boolean): Promise<void>
  /** Sets the sign count back, as that of a copy would be. */
  rewind(signCount: number): Promise<void>
  close(): Promise<void>
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A page in a real Chromium with the DevTools virtual authenticator: discoverable credentials, verifies its user, touched at once. */
export async function openAuthenticator(browser: Browser): Promise<VirtualAuthenticator> {
  const context = await browser.newContext()
  await context.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>App</title>' }))
  const page = await context.newPage()
  const devTools = await context.newCDPSession(page)
  const authenticatorId = await addAuthenticator(devTools)
  return {
    visit: async (origin) => void (await page.goto(origin)),
    create: (options) =>
      ceremony(
        page,
        `navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)}) })`,
      ),
    get: (options, mediation) =>
      ceremony(
        page,
        `navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)}), mediation: ${JSON.stringify(mediation ?? 'optional')} })`,
      ),
    setUserVerified: async (isUserVerified) => void (await devTools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })),
    rewind: async (signCount) => {
      const { credentials } = await devTools.send('WebAuthn.getCredentials', { authenticatorId })
      for (const credential of credentials) {
        await devTools.send('WebAuthn.removeCredential', { authenticatorId, credentialId: credential.credentialId })
        await devTools.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount } })
      }
    },
    close: () => context.close(),
  }
}

export async function addAuthenticator(devTools: CDPSession): Promise<string> {
  await devTools.send('WebAuthn.enable')
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return authenticatorId
}

function ceremony(page: Page, script: string): Promise<CredentialJson> {
  return page.evaluate<CredentialJson>(`(async () => (await ${script}).toJSON())()`)
}
