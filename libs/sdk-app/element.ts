import { type AuthClient, createAuthClient } from './auth-client.js'
import { hosted } from './hosted.js'

/**
 * `<portico-sign-in url="AUTH_URL" redirect-to="…" locale="…">Sign in</portico-sign-in>`: a button that leads to the hosted sign-in page,
 * and takes what comes back. Says `portico-session` with the session in `detail` once somebody is signed in, `portico-error` with the
 * error. Defined by the import of this file; `part="button"` takes a style of the app's own.
 */
export function definePorticoSignIn(name = 'portico-sign-in'): void {
  // On a server there are no elements; the import must not fail there.
  if (typeof HTMLElement === 'undefined' || customElements.get(name)) return
  customElements.define(
    name,
    class extends HTMLElement {
      #auth: AuthClient | null = null

      connectedCallback(): void {
        const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
        const button = document.createElement('button')
        button.part = 'button'
        button.type = 'button'
        button.append(document.createElement('slot'))
        root.replaceChildren(button)
        button.addEventListener('click', () => void this.#run(button, () => this.#start()))
        void this.#run(button, () => this.#finish())
      }

      disconnectedCallback(): void {
        this.#auth?.close()
        this.#auth = null
      }

      get #client(): AuthClient {
        return (this.#auth ??= createAuthClient({ url: this.getAttribute('url') ?? '' }))
      }

      async #start(): Promise<void> {
        const [redirectTo, locale] = ['redirect-to', 'locale'].map((attribute) => this.getAttribute(attribute))
        await hosted(this.#client).signInWithRedirect({ ...(redirectTo && { redirectTo }), ...(locale && { locale }) })
      }

      async #finish(): Promise<void> {
        const result = await hosted(this.#client).handleRedirect()
        if (result) this.dispatchEvent(new CustomEvent('portico-session', { detail: result, bubbles: true, composed: true }))
      }

      /** One press at a time. */
      async #run(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
        button.disabled = true
        try {
          await work()
        } catch (error) {
          this.dispatchEvent(new CustomEvent('portico-error', { detail: error, bubbles: true, composed: true }))
        } finally {
          button.disabled = false
        }
      }
    },
  )
}

definePorticoSignIn()
