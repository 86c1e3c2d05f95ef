import type { SsoConnection } from '@portico/sdk'

/** What the identity provider is told, by the name of the field of the API. */
export type Given = keyof SsoConnection['serviceProvider']

export interface Step {
  text: string
  /** To be copied, each under the name that the identity provider gives its field. */
  copy?: readonly (readonly [label: string, value: Given])[]
  /** Written as it is, such as the name of an attribute. */
  literal?: readonly (readonly [label: string, value: string])[]
}

export interface Guide {
  id: string
  name: string
  saml: readonly Step[]
  oidc: readonly Step[]
}

const REDIRECT = (label: string): NonNullable<Step['copy']> => [[label, 'redirectUri']]

/** The way through each identity provider, in the words of its own pages (docs/sso.md). */
export const GUIDES: readonly Guide[] = [
  {
    id: 'entra',
    name: 'Entra ID',
    saml: [
      { text: 'In the Entra admin centre: Enterprise applications, New application, Create your own, “not found in the gallery”.' },
      {
        text: 'Open Single sign-on, choose SAML, and edit Basic SAML Configuration.',
        copy: [
          ['Identifier (Entity ID)', 'entityId'],
          ['Reply URL (Assertion Consumer Service URL)', 'acsUrl'],
        ],
      },
      { text: 'For roles by group: Attributes & Claims, Add a group claim. Entra sends object ids: use those as names of groups here.' },
      { text: 'Copy the App Federation Metadata Url of SAML Certificates into “What it says of itself”, and assign people under Users and groups.' },
    ],
    oidc: [
      { text: 'In the Entra admin centre: App registrations, New registration, platform Web.', copy: REDIRECT('Redirect URI') },
      { text: 'Certificates & secrets, New client secret: copy its value, which is shown once.' },
      {
        text: 'The issuer has your Directory (tenant) ID in it; the client ID is the Application (client) ID.',
        literal: [['Issuer', 'https://login.microsoftonline.com/<tenant id>/v2.0']],
      },
    ],
  },
  {
    id: 'okta',
    name: 'Okta',
    saml: [
      { text: 'In the Okta admin console: Applications, Create App Integration, SAML 2.0.' },
      {
        text: 'Under Configure SAML:',
        copy: [
          ['Single sign-on URL', 'acsUrl'],
          ['Audience URI (SP Entity ID)', 'entityId'],
        ],
        literal: [['Name ID format', 'EmailAddress']],
      },
      {
        text: 'Attribute statements, and a group attribute statement for the roles:',
        literal: [
          ['email', 'user.email'],
          ['displayName', 'user.displayName'],
          ['groups (filter: Matches regex)', '.*'],
        ],
      },
      { text: 'Copy the Metadata URL of the tab Sign On into “What it says of itself”, and assign people under Assignments.' },
    ],
    oidc: [
      { text: 'In the Okta admin console: Applications, Create App Integration, OIDC, Web Application.', copy: REDIRECT('Sign-in redirect URI') },
      {
        text: 'Copy client ID and client secret of the tab General. The issuer is the address of your Okta organization:',
        literal: [['Issuer', 'https://<your organization>.okta.com']],
      },
    ],
  },
  {
    id: 'google',
    name: 'Google Workspace',
    saml: [
      { text: 'In the Google Admin console: Apps, Web and mobile apps, Add app, Add custom SAML app. Download the metadata: its text goes into “What it says of itself”.' },
      {
        text: 'Service provider details:',
        copy: [
          ['ACS URL', 'acsUrl'],
          ['Entity ID', 'entityId'],
        ],
        literal: [
          ['Name ID format', 'EMAIL'],
          ['Name ID', 'Basic Information > Primary email'],
        ],
      },
      { text: 'Attribute mapping, and group membership for the roles:', literal: [['Primary email', 'email'], ['Google groups', 'groups']] },
      { text: 'Turn the app on for everyone, or for the organizational units that shall come in by it. It takes some minutes at Google.' },
    ],
    oidc: [
      { text: 'In the Google Cloud console: APIs & Services, Credentials, Create OAuth client ID, Web application.', copy: REDIRECT('Authorized redirect URI') },
      { text: 'Choose “Internal” on the consent screen, so that only people of your Workspace come in.' },
      { text: 'Copy client ID and client secret into “What it says of itself”.', literal: [['Issuer', 'https://accounts.google.com']] },
    ],
  },
  {
    id: 'other',
    name: 'Another one',
    saml: [
      {
        text: 'Make a SAML application. Where the identity provider reads metadata, one address is all it needs; else enter the two values.',
        copy: [
          ['Our metadata', 'metadataUrl'],
          ['Entity ID, Audience', 'entityId'],
          ['Assertion Consumer Service URL', 'acsUrl'],
        ],
      },
      {
        text: 'Let it send these attributes; other names are mapped under “Who comes in as whom”.',
        literal: [
          ['Address', 'email'],
          ['Name', 'displayName'],
          ['Groups', 'groups'],
        ],
      },
      { text: 'Give “What it says of itself” the address of its metadata, the metadata themselves, or entity ID, sign-in address and certificate.' },
    ],
    oidc: [
      { text: 'Register a confidential web client that uses the authorization code flow.', copy: REDIRECT('Redirect URI') },
      { text: 'Copy its client ID and secret into “What it says of itself”. The issuer is what its discovery document calls itself, letter by letter.' },
    ],
  },
]
