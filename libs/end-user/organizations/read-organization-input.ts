import { invalidField } from '@portico/kernel/auth-error'
import { isReservedSlug, MAX_SLUG_LENGTH, ORGANIZATION_SLUG } from '@portico/kernel/organization-roles'
import { checkMetadata } from '../steps/read-metadata.js'

/** What is said of an organization when it is made or changed; what is absent stays. */
export interface OrganizationInput {
  name?: string | undefined
  slug?: string | undefined
  logoUrl?: string | null | undefined
  metadata?: Record<string, unknown> | undefined
}

/** Throws `validation_error` and names the field. */
export function readOrganizationInput(input: OrganizationInput): OrganizationInput {
  const { slug, logoUrl, metadata } = input
  if (slug !== undefined && !ORGANIZATION_SLUG.test(slug)) {
    throw invalidField('slug', 'invalid', `Lower-case letters, digits and hyphens between them, at most ${MAX_SLUG_LENGTH}.`)
  }
  if (slug !== undefined && isReservedSlug(slug)) throw invalidField('slug', 'reserved', 'This slug is reserved. Choose another one.')
  if (typeof logoUrl === 'string' && !isHttpsUrl(logoUrl)) throw invalidField('logoUrl', 'invalid', 'This must be an https address.')
  if (metadata !== undefined) checkMetadata(metadata)
  return { ...input, ...(input.name === undefined ? {} : { name: input.name.trim() }) }
}

/** `Acme & Söhne GmbH` → `acme-sohne-gmbh`; empty when no letter of the name is in it. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, MAX_SLUG_LENGTH - 8).replace(/-+$/, '')
}

function isHttpsUrl(text: string): boolean {
  return text.length <= 1_000 && URL.canParse(text) && new URL(text).protocol === 'https:'
}
