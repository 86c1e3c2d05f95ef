import { readCertificate } from '@portico/crypto/certificate'
import { readHttpUrl } from '@portico/kernel/http-url'
import { METADATA, POST_BINDING, REDIRECT_BINDING, SIGNATURE } from './names.js'
import { SamlProblem } from './saml-problem.js'
import { allElements, childElements, isNamed, readXml, textOf, type XmlElement } from './xml-document.js'

/** What the metadata of an identity provider say (metadata, 2.4.3). */
export interface IdpDescription {
  entityId: string
  ssoUrl: string
  binding: 'redirect' | 'post'
  /** Where the answer to a logout goes; absent: it does not sign people out elsewhere. */
  sloUrl?: string
  sloBinding?: 'redirect' | 'post'
  /** Whether it takes signed requests alone. */
  signRequests?: true
  /** PEM. */
  certificates: string[]
}

const MAX_METADATA = 1_048_576
const MAX_CERTIFICATES = 10

/** Throws `SamlProblem` for what is no metadata of exactly one identity provider. */
export async function readIdpMetadata(xml: string): Promise<IdpDescription> {
  if (xml.length > MAX_METADATA) throw new SamlProblem('malformed', 'the metadata are larger than 1 MiB')
  const root = await readXml(xml.replace(/^\uFEFF/, '').trim())
  const found = allElements(root).flatMap((entity) => {
    if (!isNamed(entity, METADATA, 'EntityDescriptor')) return []
    return childElements(entity).filter((role) => isNamed(role, METADATA, 'IDPSSODescriptor')).map((role) => ({ entity, role }))
  })
  if (found.length !== 1) throw new SamlProblem('malformed', 'these are not the metadata of exactly one identity provider')
  const { entity, role } = found[0]!
  const entityId = entity.getAttribute('entityID') ?? ''
  if (entityId === '' || entityId.length > 1_024) throw new SamlProblem('malformed', 'the metadata have no entityID')
  const redirect = serviceUrl(role, REDIRECT_BINDING)
  const url = redirect ?? serviceUrl(role, POST_BINDING)
  if (url === null) throw new SamlProblem('malformed', 'the metadata name no address for sign-in by redirect or post')
  const certificates = signingCertificates(role)
  if (certificates.length === 0) throw new SamlProblem('malformed', 'the metadata have no RSA certificate of 2,048 bits or more that signs')
  const wantsSigned = ['true', '1'].includes(role.getAttribute('WantAuthnRequestsSigned') ?? '')
  return {
    entityId,
    ssoUrl: url,
    binding: redirect === null ? 'post' : 'redirect',
    certificates,
    ...logoutService(role),
    ...(wantsSigned && { signRequests: true }),
  }
}

/** Metadata, 2.2.2: answers go to an address of their own, where there is one. */
function logoutService(role: XmlElement): Pick<IdpDescription, 'sloUrl' | 'sloBinding'> {
  const services = childElements(role).filter((child) => isNamed(child, METADATA, 'SingleLogoutService'))
  for (const [sloBinding, name] of [['redirect', REDIRECT_BINDING], ['post', POST_BINDING]] as const) {
    const service = services.find((each) => each.getAttribute('Binding') === name)
    const sloUrl = (service?.getAttribute('ResponseLocation') || service?.getAttribute('Location')) ?? ''
    if (readHttpUrl(sloUrl) !== null) return { sloUrl, sloBinding }
  }
  return {}
}

function serviceUrl(role: XmlElement, binding: string): string | null {
  const service = childElements(role).find(
    (child) => isNamed(child, METADATA, 'SingleSignOnService') && child.getAttribute('Binding') === binding,
  )
  const location = service?.getAttribute('Location') ?? ''
  return readHttpUrl(location) === null ? null : location
}

function signingCertificates(role: XmlElement): string[] {
  const all = childElements(role).filter((child) => isNamed(child, METADATA, 'KeyDescriptor'))
  const keys = all.filter((child) => child.getAttribute('use') !== 'encryption')
  const texts = keys.flatMap((key) => allElements(key).filter((element) => isNamed(element, SIGNATURE, 'X509Certificate')).map(textOf))
  const read = texts.map((text) => readCertificate(text)?.pem).filter((pem) => pem !== undefined)
  return [...new Set(read)].slice(0, MAX_CERTIFICATES)
}
