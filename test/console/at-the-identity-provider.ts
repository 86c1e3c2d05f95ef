import { BrowserClient } from '../support/browser-client.js'
import { inBase64, readSamlRequest, samlXml, type SaidSaml } from '../support/saml-idp.js'

/** Opens the address of a test sign-in and comes back with what the identity provider says; answers the page it ends on. */
export async function atTheIdentityProvider(url: string, said: SaidSaml): Promise<string> {
  const browser = new BrowserClient()
  const { location, text } = await browser.open(url)
  if (location === null) throw new Error(`not sent to the identity provider: ${text.slice(0, 300)}`)
  const asked = readSamlRequest({ url: location })
  const form = { SAMLResponse: inBase64(await samlXml(asked, said)), RelayState: asked.relayState }
  const page = await browser.open(asked.acsUrl, { form })
  // A page of ours posts it once more: a cookie of the flow does not come along with what another site posts.
  return page.text.includes('name="again"') ? (await browser.open(asked.acsUrl, { form: { ...form, again: '1' } })).text : page.text
}
