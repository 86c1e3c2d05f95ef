import type { SsoConnection, UpdateSsoConnection } from '@portico/sdk'
import { Option, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { words } from '../command-action.js'
import type { Context } from '../context.js'
import { readAll } from '../read-secret.js'
import { readText } from '../read-text.js'

type YesNo = 'yes' | 'no'
type Binding = 'redirect' | 'post'
type Saml = NonNullable<UpdateSsoConnection['saml']>

/** Every field of a connection that is told by a flag. */
export interface ConnectionFields {
  issuer?: string
  clientId?: string
  clientSecretStdin?: boolean
  scopes?: string[]
  metadataUrl?: string
  metadataFile?: string
  entityId?: string
  ssoUrl?: string
  certificateFiles?: string[]
  binding?: Binding
  signed?: NonNullable<Saml['signed']>
  nameIdFormat?: string
  signRequests?: YesNo
  idpInitiated?: YesNo
  sloUrl?: string
  sloBinding?: Binding
  attributeEmail?: string
  attributeName?: string
  attributeGroups?: string
  attributeMetadata?: string[]
  groupRoles?: string[]
  fallbackRole?: string
  createUsers?: YesNo
  domains?: string[]
  state?: SsoConnection['state']
  enforce?: YesNo
  localLogin?: YesNo
}

const choice = (flags: string, description: string, choices: readonly string[]) => new Option(flags, description).choices([...choices])
const yesNo = (name: string, description: string) => choice(`--${name} <yes|no>`, description, ['yes', 'no'])

export function withConnectionFields(command: Command): Command {
  return command
    .option('--issuer <url>', 'oidc')
    .option('--client-id <id>', 'oidc')
    .option('--client-secret-stdin', 'oidc: read from standard input')
    .option('--scopes <names>', 'oidc: instead of openid, email and profile; none: these again', words)
    .option('--metadata-url <url>', 'saml: read now and again each day')
    .option('--metadata-file <path>', 'saml')
    .option('--entity-id <name>', 'saml, by hand: the issuer that its assertions name')
    .option('--sso-url <url>', 'saml, by hand: where people are sent')
    .option('--certificate-files <paths>', 'saml, by hand: what it signs with, PEM; several count side by side', words)
    .addOption(choice('--binding <kind>', 'saml: how people are sent there', ['redirect', 'post']))
    .addOption(choice('--signed <part>', 'saml: what it must sign', ['assertion', 'response', 'both', 'any']))
    .option('--name-id-format <urn>', 'saml: which kind of NameID is asked for; none: whichever it likes')
    .addOption(yesNo('sign-requests', 'saml: whether our requests are signed'))
    .addOption(yesNo('idp-initiated', 'saml: whether a sign-in may begin at the identity provider'))
    .option('--slo-url <url>', 'saml: where our answers to its logout requests go; none: it signs nobody out here')
    .addOption(choice('--slo-binding <kind>', 'saml: how they go there', ['redirect', 'post']))
    .option('--attribute-email <name>', 'attribute or claim of the address; none: the usual names')
    .option('--attribute-name <name>', 'of the name; none: the usual names')
    .option('--attribute-groups <name>', 'of the groups; none: the usual names')
    .option('--attribute-metadata <pairs>', 'others that are kept, attribute=key, all of them; none: none', words)
    .option('--group-roles <pairs>', 'group=role, all of them, the first that fits; none: none', words)
    .option('--fallback-role <key>', 'in none of these groups; none: the role stays')
    .addOption(yesNo('create-users', 'whether people who come for the first time get an account'))
    .option('--domains <names>', 'proven mail domains that it answers for, all of them', words)
    .addOption(choice('--state <state>', 'draft leads nobody there, testing who asks for it by its id', ['draft', 'testing', 'active']))
    .addOption(yesNo('enforce', 'whether people of its domains come in by it alone'))
    .addOption(yesNo('local-login', 'where it is enforced: whether break-glass people come in otherwise'))
    .option('--project <id>')
}

const none = (text: string): string | null => (text === 'none' ? null : text)
const list = (all: string[]): string[] => (all.length === 1 && all[0] === 'none' ? [] : all)

export async function connectionFields(context: Context, options: ConnectionFields): Promise<UpdateSsoConnection> {
  const { domains, state, enforce, createUsers, localLogin, fallbackRole, groupRoles } = options
  const [oidc, saml, attributes] = [await oidcFields(context, options), samlFields(options), attributeFields(options)]
  return {
    ...(Object.keys(oidc).length > 0 && { oidc }),
    ...(Object.keys(saml).length > 0 && { saml }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(groupRoles && { roles: pairs('--group-roles', groupRoles).map(([group, role]) => ({ group, role })) }),
    ...(fallbackRole !== undefined && { fallbackRole: none(fallbackRole) }),
    ...(createUsers && { createUsers: createUsers === 'yes' }),
    ...(domains && { domains }),
    ...(state && { state }),
    ...(enforce && { enforce: enforce === 'yes' }),
    ...(localLogin && { localLogin: localLogin === 'yes' }),
  }
}

async function oidcFields(context: Context, { issuer, clientId, clientSecretStdin, scopes }: ConnectionFields) {
  return {
    ...(issuer !== undefined && { issuer }),
    ...(clientId !== undefined && { clientId }),
    ...(clientSecretStdin && { clientSecret: await readAll(context.io) }),
    ...(scopes && { scopes: list(scopes).length === 0 ? null : scopes }),
  }
}

function samlFields(options: ConnectionFields): Saml {
  const { metadataUrl, metadataFile, entityId, ssoUrl, certificateFiles, binding, signed } = options
  const { nameIdFormat, signRequests, idpInitiated, sloUrl, sloBinding } = options
  return {
    ...(metadataUrl !== undefined && { metadataUrl: none(metadataUrl) }),
    ...(metadataFile !== undefined && { metadataXml: readText(metadataFile) }),
    ...(entityId !== undefined && { entityId }),
    ...(ssoUrl !== undefined && { ssoUrl }),
    ...(certificateFiles && { certificates: certificateFiles.map((path) => readText(path)) }),
    ...(binding && { binding }),
    ...(signed && { signed }),
    ...(nameIdFormat !== undefined && { nameIdFormat: none(nameIdFormat) }),
    ...(signRequests && { signRequests: signRequests === 'yes' }),
    ...(idpInitiated && { idpInitiated: idpInitiated === 'yes' }),
    ...(sloUrl !== undefined && { sloUrl: none(sloUrl) }),
    ...(sloBinding && { sloBinding }),
  }
}

function attributeFields({ attributeEmail, attributeName, attributeGroups, attributeMetadata }: ConnectionFields) {
  const metadata = attributeMetadata && pairs('--attribute-metadata', attributeMetadata).map(([attribute, key]) => ({ attribute, key }))
  return {
    ...(attributeEmail !== undefined && { email: none(attributeEmail) }),
    ...(attributeName !== undefined && { name: none(attributeName) }),
    ...(attributeGroups !== undefined && { groups: none(attributeGroups) }),
    ...(metadata && { metadata }),
  }
}

/** By the last `=`: names of groups and attributes may have one. */
function pairs(flag: string, all: string[]): [string, string][] {
  return list(all).map((text) => {
    const at = text.lastIndexOf('=')
    if (at < 1 || at === text.length - 1) throw new CliError('usage', `${flag} takes pairs such as a=b.`)
    return [text.slice(0, at), text.slice(at + 1)]
  })
}
