import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, type AnyRoute } from '@tanstack/react-router'
import { App } from './shell/app.js'
import { NotFound, RouteError } from './shell/not-found.js'
import { PROJECT_PREFIX } from './shell/page-descriptor.js'
import { PAGES } from './shell/page-list.js'
import { ProjectFrame } from './shell/project-frame.js'

const root = createRootRoute({ component: App, notFoundComponent: NotFound, errorComponent: RouteError })
const project: AnyRoute = createRoute({ getParentRoute: () => root, path: PROJECT_PREFIX, component: ProjectFrame })

const routeOf = (page: (typeof PAGES)[number]): AnyRoute => {
  const inProject = page.path.startsWith(PROJECT_PREFIX)
  return createRoute({
    getParentRoute: () => (inProject ? project : root),
    path: inProject ? page.path.slice(PROJECT_PREFIX.length) || '/' : page.path,
    component: lazyRouteComponent(page.load),
  }) as unknown as AnyRoute
}

// Where the sidebar begins while there is no page at the top.
const start: AnyRoute = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/projects' })
  },
})

const [ofProjects, others] = [
  PAGES.filter(({ path }) => path.startsWith(PROJECT_PREFIX)),
  PAGES.filter(({ path }) => !path.startsWith(PROJECT_PREFIX)),
]

export const router = createRouter({
  routeTree: root.addChildren([
    ...(others.some(({ path }) => path === '/') ? [] : [start]),
    ...others.map(routeOf),
    project.addChildren(ofProjects.map(routeOf)),
  ]),
  basepath: '/console',
  defaultPreload: 'intent',
  // Filters in the address are plain text: `?q=ada@`, as somebody would type it.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== '')
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
    return text === '' ? '' : `?${text}`
  },
})
