import { formatId } from './ids.js'

/** A project's `AUTH_URL`: the base that an app appends paths to and that tokens name as issuer; opaque, without trailing slash. */
export function authUrl(dataPlanePublicUrl: string, projectId: string): string {
  return `${dataPlanePublicUrl}/${formatId('proj', projectId)}`
}
