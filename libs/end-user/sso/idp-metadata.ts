import { readCertificate } from '@portico/crypto/certificate'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import { OutboundError } from '@portico/outbound/outbound-error'
import { readIdpMetadata, type IdpDescription } from '@portico/sso/saml/read-metadata'
import { SamlProblem } from '@portico/sso/saml/saml-problem'
import { isCallable, type SamlInput } from './connection-input.js'

/** What identity providers say of themselves: at a URL of theirs, asked through the guard, or handed over. */
export class IdpMetadata {
  constructor(
    private readonly http: GuardedHttp,
    private readonly clock: Clock,
  ) {}

  get allowLoopback(): boolean {
    return this.http.allowLoopback
  }

  /** The input with what its metadata say; what is given beside them counts before them. Throws `validation_error` and `unavailable`. */
  async fill(project: ProjectRecord, input: SamlInput): Promise<SamlInput> {
    const { metadataUrl, metadataXml } = input
    const certificates = input.certificates?.map((text, index) => {
      const read = readCertificate(text)
      if (!read) throw invalidField(`saml.certificates.${index}`, 'invalid', 'This must be an RSA certificate of 2,048 bits or more, in PEM.')
      return read.pem
    })
    const given = Object.fromEntries(Object.entries({ ...input, certificates }).filter(([, value]) => value !== undefined)) as SamlInput
    if (metadataXml !== undefined) return { ...(await described('saml.metadata_xml', metadataXml)), ...given }
    if (metadataUrl === undefined || metadataUrl === null) return given
    return { ...(await this.read(project, metadataUrl)), metadataReadAt: this.clock.now().toISOString(), ...given }
  }

  async read(project: ProjectRecord, address: string): Promise<IdpDescription> {
    const field = 'saml.metadata_url'
    if (!isCallable(address, this.allowLoopback)) throw invalidField(field, 'invalid_url', 'This must be an https URL.')
    const { projectId, tenantId } = project.scope
    try {
      const answer = await this.http.within({ project: projectId, tenant: tenantId }, (fetch) =>
        fetch(address, { headers: { accept: 'application/samlmetadata+xml, application/xml, text/xml' } }),
      )
      if (answer.status !== 200) throw invalidField(field, 'not_metadata', `The address answers ${answer.status}.`)
      return await described(field, await answer.text())
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error
      if (error.problem === 'not_allowed') throw invalidField(field, 'not_allowed', 'This address must not be called.')
      throw new AuthError('unavailable', { cause: error, retryAfterSeconds: 5, message: 'The identity provider does not answer at this address.' })
    }
  }
}

async function described(field: string, xml: string): Promise<IdpDescription> {
  try {
    return await readIdpMetadata(xml)
  } catch (error) {
    if (!(error instanceof SamlProblem)) throw error
    throw invalidField(field, 'not_metadata', `This cannot be used: ${error.detail}.`)
  }
}
