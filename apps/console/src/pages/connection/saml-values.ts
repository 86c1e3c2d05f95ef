import type { SsoConnection, UpdateSsoConnection } from '@portico/sdk'

export type Saml = NonNullable<UpdateSsoConnection['saml']>
export type Signed = NonNullable<Saml['signed']>
type Binding = NonNullable<Saml['binding']>

/** As the form has it: nothing is written as an empty text. */
export interface SamlValues {
  metadataUrl: string
  metadataXml: string
  entityId: string
  ssoUrl: string
  certificates: string
  signed: Signed
  binding: Binding
  nameIdFormat: string
  idpInitiated: boolean
  sloUrl: string
  sloBinding: Binding
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

export const samlValues = (saml: SsoConnection['saml']): SamlValues => ({
  metadataUrl: saml?.metadataUrl ?? '',
  metadataXml: '',
  entityId: saml?.entityId ?? '',
  ssoUrl: saml?.ssoUrl ?? '',
  certificates: '',
  signed: saml?.signed ?? 'any',
  binding: saml?.binding ?? 'redirect',
  nameIdFormat: saml?.nameIdFormat ?? '',
  idpInitiated: saml?.idpInitiated ?? false,
  sloUrl: saml?.sloUrl ?? '',
  sloBinding: saml?.sloBinding ?? 'redirect',
})

/**
 * What was typed. Metadata say the rest by themselves, so what stood there by hand is not sent beside new ones; what they may say or not is
 * sent where it was changed.
 */
export function changedSaml(values: SamlValues, saml: SsoConnection['saml']): Saml {
  const before = samlValues(saml)
  const text = (name: 'metadataUrl' | 'metadataXml' | 'entityId' | 'ssoUrl' | 'nameIdFormat' | 'sloUrl') => values[name].trim()
  const orNone = (name: 'metadataUrl' | 'nameIdFormat' | 'sloUrl') => (text(name) === '' ? null : text(name))
  const pems = values.certificates.match(PEM) ?? (values.certificates.trim() === '' ? null : [values.certificates.trim()])
  const { signed, idpInitiated, binding, sloBinding } = values
  const rules = {
    signed,
    idpInitiated,
    nameIdFormat: orNone('nameIdFormat'),
    metadataUrl: orNone('metadataUrl'),
    ...(binding !== before.binding && { binding }),
    ...(text('sloUrl') !== before.sloUrl && { sloUrl: orNone('sloUrl') }),
    ...(sloBinding !== before.sloBinding && { sloBinding }),
  }
  if (text('metadataXml') !== '') return { ...rules, metadataXml: text('metadataXml') }
  if (text('metadataUrl') !== '' && text('metadataUrl') !== before.metadataUrl) return rules
  return { ...rules, entityId: text('entityId'), ssoUrl: text('ssoUrl'), ...(pems && { certificates: pems }) }
}
