const NAMES: Readonly<Record<string, string>> = {
  google: 'Google',
  github: 'GitHub',
  microsoft: 'Microsoft',
  apple: 'Apple',
  gitlab: 'GitLab',
}

/** What the button of a provider says. */
export function providerName(provider: string): string {
  return NAMES[provider] ?? provider.replace(/^oidc:/, '')
}
