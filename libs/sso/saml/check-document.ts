import { ASSERTION, PROTOCOL, SIGNATURE, SUCCESS } from './names.js'
import { SamlProblem } from './saml-problem.js'
import { allElements, childElements, isNamed, readXml, textOf, type XmlElement } from './xml-document.js'

/** Of the decoded message. The largest real ones, with a thousand groups, have a third of it. */
export const MAX_MESSAGE_BYTES = 256 * 1024
const MAX_BASE64 = Math.ceil((MAX_MESSAGE_BYTES * 4) / 3) + 8_192

// No SHA-1 (RFC 9231 and the library know it, and it has been forged since 2017), no HMAC: whoever knows a certificate could sign.
const SIGNATURE_METHODS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
])
const DIGEST_METHODS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
])
// The two that SAML allows (core, 5.4.4), and the older canonical form that some servers use.
const TRANSFORMS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
])

export interface ExpectedDocument {
  acsUrl: string
  entityId: string
  requestId: string
}

/** Decodes a message. Throws for one that is too large or no text. */
export function decodeMessage(base64: string): string {
  if (base64.length > MAX_BASE64) throw new SamlProblem('untrusted', 'the message is larger than 256 KiB')
  const compact = base64.replace(/\s+/g, '')
  if (compact === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw new SamlProblem('malformed', 'the message is not base64')
  const bytes = Buffer.from(compact, 'base64')
  if (bytes.length > MAX_MESSAGE_BYTES) throw new SamlProblem('untrusted', 'the message is larger than 256 KiB')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new SamlProblem('malformed', 'the message is not UTF-8', { cause: error })
  }
}

/**
 * What the library does not look at before it verifies, and what no message of an honest identity provider has. It reads what nobody has
 * signed yet, so it only ever refuses.
 */
export async function checkDocument(xml: string, expected: ExpectedDocument): Promise<void> {
  const root = await readXml(xml)
  if (!isNamed(root, PROTOCOL, 'Response') || root.getAttribute('Version') !== '2.0')
    throw new SamlProblem('malformed', 'this is no SAML 2.0 response')
  const elements = allElements(root)
  checkStatus(root)
  if (root.getAttribute('InResponseTo') !== expected.requestId) throw new SamlProblem('untrusted', 'the response answers another request')
  if (root.hasAttribute('Destination') && root.getAttribute('Destination') !== expected.acsUrl)
    throw new SamlProblem('untrusted', 'the Destination of the response is another one')
  const issuer = childElements(root).find((child) => isNamed(child, ASSERTION, 'Issuer'))
  if (issuer && textOf(issuer) !== expected.entityId) throw new SamlProblem('untrusted', 'the Issuer of the response is another one')
  checkAssertions(root, elements)
  checkIds(elements)
  checkSignatures(elements)
}

function checkStatus(root: XmlElement): void {
  const status = childElements(root).filter((child) => isNamed(child, PROTOCOL, 'Status'))
  const codes = status.flatMap(childElements).filter((child) => isNamed(child, PROTOCOL, 'StatusCode'))
  if (status.length !== 1 || codes.length !== 1) throw new SamlProblem('malformed', 'the response has no status')
  const said = codes[0]!.getAttribute('Value') ?? ''
  if (said === SUCCESS) return
  const below = childElements(codes[0]!)[0]?.getAttribute('Value') ?? ''
  const name = /:status:(\w{1,40})$/
  const words = [name.exec(said)?.[1], name.exec(below)?.[1]].filter((word) => word !== undefined).join(', ')
  throw new SamlProblem('refused', `the identity provider says ${words === '' ? 'no' : words}`)
}

/** One assertion, where it belongs. Wrapping attacks (Somorovsky et al., 2012) need a second one, or one in another place. */
function checkAssertions(root: XmlElement, elements: readonly XmlElement[]): void {
  const isAssertion = ({ localName }: XmlElement): boolean => localName === 'Assertion' || localName === 'EncryptedAssertion'
  const all = elements.filter(isAssertion)
  if (all.length !== 1 || !childElements(root).includes(all[0]!) || all[0]!.namespaceURI !== ASSERTION)
    throw new SamlProblem('untrusted', 'the response does not have exactly one assertion, or has it in another place')
  if (elements.filter(({ localName }) => localName === 'Response').length !== 1)
    throw new SamlProblem('untrusted', 'there is a response within the response')
}

function checkIds(elements: readonly XmlElement[]): void {
  const seen = new Set<string>()
  for (const element of elements) {
    for (let index = 0; index < element.attributes.length; index += 1) {
      const attribute = element.attributes.item(index)
      // `Id` and `id` too: the verifier of signatures looks for all three.
      if (!attribute || attribute.name.toLowerCase() !== 'id') continue
      if (seen.has(attribute.value)) throw new SamlProblem('untrusted', 'two elements have the same ID')
      seen.add(attribute.value)
    }
  }
}

function checkSignatures(elements: readonly XmlElement[]): void {
  const algorithms = (name: string): string[] =>
    elements.filter((element) => isNamed(element, SIGNATURE, name)).map((element) => element.getAttribute('Algorithm') ?? '')
  if (elements.filter((element) => isNamed(element, SIGNATURE, 'Signature')).length > 2)
    throw new SamlProblem('untrusted', 'there are more signatures than response and assertion')
  if (!algorithms('SignatureMethod').every((algorithm) => SIGNATURE_METHODS.has(algorithm)))
    throw new SamlProblem('untrusted', 'the signature uses an algorithm that is not accepted, such as SHA-1')
  // Digests stand in encrypted keys too; there they digest nothing that anybody could forge.
  const digests = elements.filter((element) => isNamed(element, SIGNATURE, 'Reference')).flatMap(childElements)
  const used = digests.filter((element) => isNamed(element, SIGNATURE, 'DigestMethod')).map((element) => element.getAttribute('Algorithm') ?? '')
  if (!used.every((algorithm) => DIGEST_METHODS.has(algorithm)))
    throw new SamlProblem('untrusted', 'the signature digests with an algorithm that is not accepted, such as SHA-1')
  if (!algorithms('Transform').every((algorithm) => TRANSFORMS.has(algorithm)))
    throw new SamlProblem('untrusted', 'the signature has transforms that are not accepted')
}
