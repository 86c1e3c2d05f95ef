import { decryptXml } from '@node-saml/node-saml/lib/xml.js'
import { checkIds, checkSignatures } from './check-signatures.js'
import { ASSERTION, ENCRYPTION } from './names.js'
import { SamlProblem } from './saml-problem.js'
import { allElements, childElements, isNamed, readXml, type XmlElement } from './xml-document.js'

// With an authentication tag first. CBC without one is what most identity providers still send: what it could be turned into is caught by
// the signature, and every failure is answered alike.
const CONTENT_METHODS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
  'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
])
// No RSA 1.5: its padding can be asked about until it tells the key (Bleichenbacher, 1998; Jager and others, 2012).
const KEY_METHODS: ReadonlySet<string> = new Set(['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p'])

/**
 * Which of our keys opens the encrypted assertion. What is inside is looked at as the rest of the message was, and only ever refused here:
 * the library opens it once more and reads what a signature covers. Throws `SamlProblem`.
 */
export async function openingKey(encrypted: XmlElement, keys: readonly string[]): Promise<string> {
  checkMethods(encrypted)
  const xml = encrypted.toString()
  for (const key of keys) {
    const opened = await decryptXml(xml, key).catch(() => null)
    // With another key nearly always nothing, and now and then nonsense.
    if (opened === null || !/^\s*<[\s\S]*>\s*$/.test(opened)) continue
    await checkOpened(opened)
    return key
  }
  throw new SamlProblem('untrusted', 'the assertion is encrypted, and no key of this connection opens it')
}

/** The NameID within an EncryptedID (core, 2.2.4), of a message whose signature was verified before. Throws `SamlProblem`. */
export async function openedNameId(encrypted: XmlElement, keys: readonly string[]): Promise<XmlElement> {
  checkMethods(encrypted)
  const xml = encrypted.toString()
  for (const key of keys) {
    const opened = await decryptXml(xml, key).catch(() => null)
    if (opened === null || !/^\s*<[\s\S]*>\s*$/.test(opened)) continue
    const root = await readXml(opened)
    if (isNamed(root, ASSERTION, 'NameID') && childElements(root).length === 0) return root
    throw new SamlProblem('untrusted', 'what is encrypted is not exactly one NameID')
  }
  throw new SamlProblem('untrusted', 'the NameID is encrypted, and no key of this connection opens it')
}

function checkMethods(encrypted: XmlElement): void {
  const elements = allElements(encrypted)
  const named = (name: string) => elements.filter((element) => isNamed(element, ENCRYPTION, name))
  const methodOf = (element: XmlElement) =>
    allElements(element).find((each) => isNamed(each, ENCRYPTION, 'EncryptionMethod'))?.getAttribute('Algorithm') ?? ''
  const [data, keys] = [named('EncryptedData'), named('EncryptedKey')]
  if (data.length !== 1 || keys.length !== 1)
    throw new SamlProblem('untrusted', 'what is encrypted is not encrypted once, with one key')
  if (!CONTENT_METHODS.has(methodOf(data[0]!)) || !KEY_METHODS.has(methodOf(keys[0]!)))
    throw new SamlProblem('untrusted', 'it is encrypted with an algorithm that is not accepted; use AES with RSA-OAEP')
}

async function checkOpened(xml: string): Promise<void> {
  const root = await readXml(xml)
  const elements = allElements(root)
  const assertions = elements.filter(({ localName }) => localName === 'Assertion' || localName === 'EncryptedAssertion')
  if (!isNamed(root, ASSERTION, 'Assertion') || assertions.length !== 1 || elements.some(({ localName }) => localName === 'Response'))
    throw new SamlProblem('untrusted', 'what is encrypted is not exactly one assertion')
  checkIds(elements)
  checkSignatures(elements, 1)
}
