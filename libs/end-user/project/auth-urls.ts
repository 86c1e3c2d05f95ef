import type { ProjectRecord } from '@portico/database/project-directory'
import { formatId } from '@portico/kernel/ids'

/** Addresses that belong to a project, always from the configured origin and never from a request. */
export class AuthUrls {
  constructor(private readonly publicUrl: string) {}

  /** The project's `AUTH_URL`: what tokens name as their issuer. */
  issuer(project: ProjectRecord): string {
    return `${this.publicUrl}/${formatId('proj', project.scope.projectId)}`
  }

  /** Where a provider sends the browser back to: the exact `redirect_uri` that is registered there. */
  oauthCallback(project: ProjectRecord, provider: string): string {
    return `${this.issuer(project)}/oauth/${provider}/callback`
  }

  oauthStart(project: ProjectRecord, provider: string): string {
    return `${this.issuer(project)}/oauth/${provider}/start`
  }

  /** What tokens name as their audience: the project id as the API prints it. */
  audience(project: ProjectRecord): string {
    return formatId('proj', project.scope.projectId)
  }
}
