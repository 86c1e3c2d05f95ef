import type { ProjectRecord } from '@portico/database/project-directory'
import { authUrl } from '@portico/kernel/auth-url'
import { formatId } from '@portico/kernel/ids'

/** Below an `AUTH_URL`: where our own pages are sent back to by a provider or a mailed link. */
export const RETURN_PATH = '/sign-in/return'
export const ACCOUNT_RETURN_PATH = '/account/return'

export const RETURN_PATHS: readonly string[] = [RETURN_PATH, ACCOUNT_RETURN_PATH]

/** Addresses that belong to a project, always from the configured origin and never from a request. */
export class AuthUrls {
  constructor(private readonly publicUrl: string) {}

  /** The project's `AUTH_URL`: what tokens name as their issuer. */
  issuer(project: ProjectRecord): string {
    return authUrl(this.publicUrl, project.scope.projectId)
  }

  /** Where our own pages come back to. */
  returnPages(project: ProjectRecord): string[] {
    return RETURN_PATHS.map((path) => `${this.issuer(project)}${path}`)
  }

  /** The origin of our own pages. */
  get pageOrigin(): string {
    return new URL(this.publicUrl).origin
  }

  /** Where a provider sends the browser back to: the exact `redirect_uri` that is registered there. */
  oauthCallback(project: ProjectRecord, provider: string): string {
    return `${this.issuer(project)}/oauth/${provider}/callback`
  }

  oauthStart(project: ProjectRecord, provider: string): string {
    return `${this.issuer(project)}/oauth/${provider}/start`
  }

  /** The audiences a token may name, if it names any: the one of the settings, and the project id as the API prints it. */
  audiences(project: ProjectRecord): string[] {
    const projectId = formatId('proj', project.scope.projectId)
    const { token_audience: audience } = project.settings
    return audience === null ? [projectId] : [audience, projectId]
  }
}
