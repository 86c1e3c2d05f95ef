import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { AdvanceRotation } from './advance-rotation.js'
import type { RotationPlan } from './rotation-plan.js'

/** The plan of the open rotation, or `null`; switches it first when nothing is waited for any more. */
export class ReadRotation {
  constructor(
    private readonly advance: AdvanceRotation,
    private readonly directory: ProjectDirectory,
  ) {}

  async execute(project: ProjectRecord): Promise<RotationPlan | null> {
    if (project.firstEnabledAt === null) throw new AuthError('auth_not_enabled')
    const plan = await this.advance.execute(project.scope)
    if (plan?.state === 'done') this.directory.invalidate(project.scope.projectId)
    return plan
  }
}
