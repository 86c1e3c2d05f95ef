import type { FastifyInstance } from 'fastify'
import { cacheable } from '../../../project/cacheable.js'
import { projectRoutes } from '../../../project/project-routes.js'
import { publicSettingsAnswer } from '../answers/public-settings.js'

const SETTINGS_SECONDS = 60

export function settingsRoutes(server: FastifyInstance): void {
  const route = projectRoutes(server)
  route.get('/settings', { access: 'public' }, (call) => cacheable(call, SETTINGS_SECONDS, publicSettingsAnswer(call.project)))
}
