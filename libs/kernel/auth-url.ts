import { formatId } from './ids.js'

/** A project's address below ours: opaque, without trailing slash. It answers whatever domains the project has or loses. */
export function authUrl(dataPlanePublicUrl: string, projectId: string): string {
  return `${dataPlanePublicUrl}/${formatId('proj', projectId)}`
}

/**
 * What apps are given as `AUTH_URL` and what tokens name as issuer: the address below ours, or the project's main domain where its setting
 * `token_issuer` says so.
 */
export function issuerUrl(dataPlanePublicUrl: string, projectId: string, mainDomain: string | null): string {
  return mainDomain === null ? authUrl(dataPlanePublicUrl, projectId) : `https://${mainDomain}`
}
