import type { ProjectRecord } from '@portico/database/project-directory'
import type { LimitName } from '@portico/kernel/settings/limits'
import type { Limit } from '@portico/rate-limit/rate-limiter'

/** One bucket as the project has set it. */
export function limitAsSet(project: ProjectRecord, name: LimitName): Limit {
  const setting = project.settings.limits[name]
  return { name, points: setting.points, windowSeconds: setting.window_seconds }
}
