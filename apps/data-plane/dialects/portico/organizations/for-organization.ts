import type { ProjectRecord } from '@portico/database/project-directory'
import type { SignInResult } from '@portico/end-user/steps/sign-in-result'
import type { UseCases } from '../../../use-cases.js'

/** A sign-in whose body says which organization the person works for. Every route that answers tokens of a new session ends here. */
export async function forOrganization(
  use: UseCases,
  { project, body }: { project: ProjectRecord; body: { organization?: string } },
  issued: SignInResult,
): Promise<SignInResult> {
  if (body.organization === undefined) return issued
  const working = await use.workForOrganization.execute(project, issued, body.organization)
  return { ...working, deviceToken: issued.deviceToken }
}
