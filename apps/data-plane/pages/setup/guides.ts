import type { SsoUrls } from '@portico/end-user/project/sso-urls'
import type { SsoProtocol } from '@portico/end-user/records/sso-connection'

/** Where an identity provider keeps these settings, in the words that its own console has: they are the same in every language of ours. */
export interface SetupGuide {
  name: string
  path: readonly string[]
  /** What it calls our values. */
  ours: readonly (readonly [label: string, value: keyof SsoUrls])[]
  /** Where it shows its own, and the field of ours that it goes into. */
  theirs: readonly (readonly [label: string, field: 'metadata_url' | 'metadata_xml' | 'issuer' | 'client_id' | 'client_secret'])[]
}

const CLIENT = [['Client ID', 'client_id'], ['Client secret', 'client_secret']] as const

/** The three that most companies have; for others the plain values stand above. */
export const SETUP_GUIDES: Readonly<Record<SsoProtocol, readonly SetupGuide[]>> = {
  saml: [
    {
      name: 'Microsoft Entra ID',
      path: ['Enterprise applications', 'New application', 'Create your own application', 'Single sign-on', 'SAML'],
      ours: [['Identifier (Entity ID)', 'entityId'], ['Reply URL (Assertion Consumer Service URL)', 'acsUrl']],
      theirs: [['SAML Certificates › App Federation Metadata Url', 'metadata_url']],
    },
    {
      name: 'Okta',
      path: ['Applications', 'Create App Integration', 'SAML 2.0'],
      ours: [['Single sign-on URL', 'acsUrl'], ['Audience URI (SP Entity ID)', 'entityId']],
      theirs: [['Sign On › Metadata URL', 'metadata_url']],
    },
    {
      name: 'Google Workspace',
      path: ['Apps', 'Web and mobile apps', 'Add app', 'Add custom SAML app'],
      ours: [['ACS URL', 'acsUrl'], ['Entity ID', 'entityId']],
      theirs: [['Download metadata', 'metadata_xml']],
    },
  ],
  oidc: [
    {
      name: 'Microsoft Entra ID',
      path: ['App registrations', 'New registration', 'Web'],
      ours: [['Redirect URI', 'redirectUri']],
      theirs: [
        ['https://login.microsoftonline.com/<Directory (tenant) ID>/v2.0', 'issuer'], ['Application (client) ID', 'client_id'],
        ['Certificates & secrets › New client secret › Value', 'client_secret'],
      ],
    },
    {
      name: 'Okta',
      path: ['Applications', 'Create App Integration', 'OIDC - OpenID Connect', 'Web Application'],
      ours: [['Sign-in redirect URIs', 'redirectUri']],
      theirs: [['https://<your Okta domain>', 'issuer'], ...CLIENT],
    },
    {
      name: 'Google Workspace',
      path: ['Google Cloud console', 'APIs & Services', 'Credentials', 'OAuth client ID', 'Web application'],
      ours: [['Authorized redirect URIs', 'redirectUri']],
      theirs: [['https://accounts.google.com', 'issuer'], ...CLIENT],
    },
  ],
}
