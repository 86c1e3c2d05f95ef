import type { ProjectRecord } from '@portico/database/project-directory'
import { authUrl, issuerUrl } from '@portico/kernel/auth-url'
import { formatId } from '@portico/kernel/ids'

/** Below an `AUTH_URL`: where our own pages are sent back to by a provider or a mailed link. */
export const RETURN_PATH = '/sign-in/return'
export const ACCOUNT_RETURN_PATH = '/account/return'

export const RETURN_PATHS: readonly string[] = [RETURN_PATH, ACCOUNT_RETURN_PATH]

/** Addresses that belong to a project, always from the configured origin or a proved domain and never from a request. */
export class AuthUrls {
  constructor(private readonly publicUrl: string) {}

  /** The project's address below ours: what providers know, whatever domains come and go. */
  home(project: ProjectRecord): string {
    return authUrl(this.publicUrl, project.scope.projectId)
  }

  /** What new tokens name as their issuer. */
  issuer(project: ProjectRecord): string {
    const { settings, mainDomain } = project
    const names = settings.token_issuer === 'main_domain' && mainDomain !== null ? mainDomain.hostname : null
    return issuerUrl(this.publicUrl, project.scope.projectId, names)
  }

  /** Whose tokens are the project's: those of before a change of `token_issuer` are good for as long as they live. */
  issuers(project: ProjectRecord): string[] {
    const home = this.home(project)
    return project.mainDomain === null ? [home] : [home, `https://${project.mainDomain.hostname}`]
  }

  /** Where our own pages come back to. */
  returnPages(project: ProjectRecord): string[] {
    return RETURN_PATHS.map((path) => `${this.home(project)}${path}`)
  }

  /** The origin of our own pages. */
  get pageOrigin(): string {
    return new URL(this.publicUrl).origin
  }

  /** Where a provider sends the browser back to: the exact `redirect_uri` that is registered there. */
  oauthCallback(project: ProjectRecord, provider: string): string {
    return `${this.home(project)}/oauth/${provider}/callback`
  }

  oauthStart(project: ProjectRecord, provider: string): string {
    return `${this.home(project)}/oauth/${provider}/start`
  }

  /** The audiences a token may name, if it names any: the one of the settings, and the project id as the API prints it. */
  audiences(project: ProjectRecord): string[] {
    const projectId = formatId('proj', project.scope.projectId)
    const { token_audience: audience } = project.settings
    return audience === null ? [projectId] : [audience, projectId]
  }
}
