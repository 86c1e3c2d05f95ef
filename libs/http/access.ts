import 'reflect-metadata'
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import type { FastifyContextConfig, FastifyRequest } from 'fastify'
import type { AccessRule } from './access-rule.js'
import './request-context.js'

// The key under which Nest hands a method's route config to Fastify.
const ROUTE_CONFIG = '__fastify_route_config__'

/** Adds to the Fastify route config of a controller method; hooks and guards read it from `request.routeOptions.config`. */
export function routeConfig(addition: Partial<FastifyContextConfig>): MethodDecorator {
  return (target, key, descriptor) => {
    const method = descriptor.value
    const known: unknown = typeof method === 'function' ? Reflect.getMetadata(ROUTE_CONFIG, method) : undefined
    RouteConfig({ ...(known as object | undefined), ...addition })(target, key, descriptor)
  }
}

/** Who may call the route. A route without it stops the start. */
export const Access = (rule: AccessRule): MethodDecorator => routeConfig({ access: rule })

function fromRequest<T>(read: (request: FastifyRequest) => T): () => ParameterDecorator {
  return createParamDecorator((_data: unknown, context: ExecutionContext) => read(context.switchToHttp().getRequest<FastifyRequest>()))
}

/** The `ProjectScope` of the request. */
export const Project = fromRequest((request) => present(request.project, 'project').scope)

/** The whole `ProjectRecord` of the request. */
export const CurrentProject = fromRequest((request) => present(request.project, 'project'))

/** The caller that the control plane's guard put on the request. */
export const Principal = fromRequest((request) => present(request.principal, 'principal'))

function present<T>(value: T, what: string): NonNullable<T> {
  if (value === null || value === undefined) throw new Error(`the route needs a ${what}, but no guard set one`)
  return value
}
