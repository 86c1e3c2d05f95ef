import { SIGNATURE } from './names.js'
import { SamlProblem } from './saml-problem.js'
import { childElements, isNamed, type XmlElement } from './xml-document.js'

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

/** Which signatures a document may have, before any is verified. */
export function checkSignatures(elements: readonly XmlElement[], most: number): void {
  const algorithms = (name: string): string[] =>
    elements.filter((element) => isNamed(element, SIGNATURE, name)).map((element) => element.getAttribute('Algorithm') ?? '')
  if (elements.filter((element) => isNamed(element, SIGNATURE, 'Signature')).length > most)
    throw new SamlProblem('untrusted', 'there are more signatures than there is to sign')
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

/** No two elements of one ID: a verifier and a reader could each find another one. */
export function checkIds(elements: readonly XmlElement[]): void {
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
