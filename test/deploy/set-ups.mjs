// What can be started, in order, and what each needs of a machine.
import { proveChart } from './chart.mjs'
import { proveImage } from './image.mjs'
import { proveOneMachine } from './one-machine.mjs'
import { Podman } from './podman.mjs'
import { withoutRenderer } from './render-chart.mjs'
import { proveSystemd } from './systemd.mjs'
import { proveTwoOfEach } from './two-of-each.mjs'

const needsDocker = async (engine) => (engine ? null : 'no Docker engine')
const needsCompose = async (engine) => (engine ? engine.withoutCompose() : 'no Docker engine')

export const SET_UPS = [
  {
    name: 'image', title: 'Our image', needs: 'a Docker engine', missing: needsDocker, prove: proveImage,
    does: 'builds it, looks at user, file system, history and size, stops it',
  },
  {
    name: 'compose', title: '`docker-compose.yml`', needs: 'a Docker engine with Compose 2.24', missing: needsCompose,
    prove: proveOneMachine,
    does: 'starts it, tells the story through Caddy, looks at the rights of each container, stops and starts it again',
  },
  {
    name: 'compose-ha', title: '`deploy/compose-ha`', needs: 'a Docker engine with Compose 2.24', missing: needsCompose,
    prove: proveTwoOfEach,
    does: 'two of each; kills the primary of PostgreSQL, that of Valkey and one of each service, with the story after each',
  },
  {
    name: 'chart', title: '`deploy/helm/portico`', needs: 'a Docker engine, podman, and helm or Go with sprig',
    missing: async (engine) => (await needsDocker(engine)) ?? Podman.missing() ?? withoutRenderer(), prove: proveChart,
    does: 'the migrate job and three services with the rights that the chart gives them; their probes',
  },
  {
    name: 'systemd', title: '`deploy/systemd`', needs: 'a Docker engine that lets a systemd run', missing: needsDocker,
    prove: proveSystemd,
    does: 'the units under systemd as process 1; a service killed, a boot without the database',
  },
]
