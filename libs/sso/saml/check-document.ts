import { checkIds, checkSignatures } from './check-signatures.js'
import { ASSERTION, PROTOCOL, SUCCESS } from './names.js'
import { SamlProblem } from './saml-problem.js'
import { allElements, childElements, isNamed, readXml, textOf, type XmlElement } from './xml-document.js'

/** Of the decoded message. The largest real ones, with a thousand groups, have a third of it. */
export const MAX_MESSAGE_BYTES = 256 * 1024
const MAX_BASE64 = Math.ceil((MAX_MESSAGE_BYTES * 4) / 3) + 8_192

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
 * signed yet, so it only ever refuses. Answers the assertion if it is encrypted.
 */
export async function checkDocument(xml: string, expected: ExpectedDocument): Promise<XmlElement | null> {
  const root = await readXml(xml)
  if (!isNamed(root, PROTOCOL, 'Response') || root.getAttribute('Version') !== '2.0')
    throw new SamlProblem('malformed', 'this is no SAML 2.0 response')
  const elements = allElements(root)
  checkStatus(root)
  if (root.getAttribute('InResponseTo') !== expected.requestId) throw new SamlProblem('untrusted', 'the response answers another request')
  const destination = root.getAttribute('Destination') ?? ''
  if (root.hasAttribute('Destination') && destination !== expected.acsUrl) {
    const compared = { expected: expected.acsUrl, found: destination }
    throw new SamlProblem('untrusted', 'the Destination of the response is another one', { compared })
  }
  const issuer = childElements(root).find((child) => isNamed(child, ASSERTION, 'Issuer'))
  if (issuer && textOf(issuer) !== expected.entityId) {
    const compared = { expected: expected.entityId, found: textOf(issuer) }
    throw new SamlProblem('untrusted', 'the Issuer of the response is another one', { compared })
  }
  const assertion = checkAssertions(root, elements)
  checkIds(elements)
  // Of the response, and of the assertion.
  checkSignatures(elements, 2)
  return assertion.localName === 'EncryptedAssertion' ? assertion : null
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
function checkAssertions(root: XmlElement, elements: readonly XmlElement[]): XmlElement {
  const isAssertion = ({ localName }: XmlElement): boolean => localName === 'Assertion' || localName === 'EncryptedAssertion'
  const all = elements.filter(isAssertion)
  if (all.length !== 1 || !childElements(root).includes(all[0]!) || all[0]!.namespaceURI !== ASSERTION)
    throw new SamlProblem('untrusted', 'the response does not have exactly one assertion, or has it in another place')
  if (elements.filter(({ localName }) => localName === 'Response').length !== 1)
    throw new SamlProblem('untrusted', 'there is a response within the response')
  return all[0]!
}
