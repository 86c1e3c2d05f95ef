// deploy/compose-ha: two of everything; of each pair one is killed while the other goes on.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Compose, holdRights, holdStates } from './compose.mjs'
import { tidied } from './engine.mjs'
import { IMAGE, buildImageOnce } from './image.mjs'
import { openMailbox } from './mailbox.mjs'
import { ROOT } from './stand-ins.mjs'
import { ask, goOn, tellStory } from './story.mjs'

const FOLDER = join(ROOT, 'deploy', 'compose-ha')
const PATRONI = 'portico-proof-patroni:latest'

export async function proveTwoOfEach({ engine, images, folder }, tools) {
  const { hold, timed, ready } = tools
  await buildImageOnce(engine, images, timed)
  await timed('docker build of Dockerfile.patroni', async () => {
    images.made.add(PATRONI)
    const file = await images.dockerfile('deploy/compose-ha/Dockerfile.patroni')
    const build = ['build', '--network', 'host', '--tag', PATRONI, '--file', file, FOLDER]
    await engine.docker(build, { seconds: 600, env: { DOCKER_BUILDKIT: '1' } })
  })
  const mailbox = await openMailbox()
  const compose = new Compose(engine, images, folder, 'deploy/compose-ha/docker-compose.yml', 'portico-proof-ha')
  await compose.prepare(mailbox, { 'portico:latest': IMAGE, 'portico-patroni:latest': PATRONI })
  const clean = async () => {
    await compose.down()
    await mailbox.close()
  }
  await tidied(clean, async () => {
    const { result: seconds } = await timed('docker compose up, until every health check is content', () => compose.up(300))
    ready(seconds)
    const house = await compose.house(mailbox)
    await leadsTo(compose, house)
    await holdStates(compose, tools)
    let { result: person } = await timed('the story, through Caddy and HAProxy', () => tellStory(house))
    hold('the story, with mails that a worker sent', true)
    await holdRights(compose, tools)

    await timed('the primary of PostgreSQL is killed: until a write is taken, and somebody goes on', async () => {
      const primary = await inRole(compose, 'patroni', 'primary')
      await kill(compose, primary)
      person = await untilGoesOn(compose, person, house, 90)
      hold(`the other one took over from ${primary}`, (await inRole(compose, 'patroni', 'primary')) !== primary)
      await tellStory(house)
      hold('the story again, on the new primary', true)
      await compose.run(['start', primary])
      await compose.until(`${primary} follows`, async () => (await inRole(compose, 'patroni', 'replica')) === primary, 90)
      hold(`${primary} comes back as the replica`, true)
    })
    await timed('the primary of Valkey is killed: until a story with its mails is told', async () => {
      const primary = await inRole(compose, 'valkey', 'master')
      await kill(compose, primary)
      await compose.until('the sentinels chose', async () => ![null, primary].includes(await inRole(compose, 'valkey', 'master')), 60)
      await tellStory(house)
      hold('the story again, with the other Valkey', true)
      await compose.run(['start', primary])
      await compose.until(`${primary} follows`, async () => (await inRole(compose, 'valkey', 'slave')) === primary, 60)
      hold(`${primary} comes back as the replica`, true)
    })
    await timed('one of each service is killed: until a story is told', async () => {
      for (const name of ['control-plane-1', 'data-plane-1', 'worker-1']) await kill(compose, name)
      person = await untilGoesOn(compose, person, house, 30)
      await tellStory(house)
      hold('the story again, with one of each service', true)
    })
    for (const name of ['control-plane-2', 'data-plane-2', 'worker-2']) {
      await compose.run(['stop', '--timeout', '20', name], { seconds: 60 })
      const code = await compose.state(name, '{{.State.ExitCode}}')
      hold(`${name} stops within its time, with exit code 0`, code === '0', code)
    }
  })
}

/** At once, as a machine dies; what `docker kill` ended is not started again by itself. */
const kill = async (compose, name) => compose.engine.docker(['kill', await compose.id(name)])

/** Which of a pair says that it is so; null when none does. */
async function inRole(compose, pair, role) {
  const asks = {
    patroni: `curl -fs http://127.0.0.1:8008/${role}`,
    valkey: `VALKEYCLI_AUTH=$VALKEY_PASSWORD REDISCLI_AUTH=$VALKEY_PASSWORD valkey-cli role | head -1 | grep -qx ${role}`,
  }
  for (const name of [`${pair}-1`, `${pair}-2`]) {
    const isSo = await compose.run(['exec', '-T', name, 'sh', '-c', asks[pair]]).then(() => true, () => false)
    if (isSo) return name
  }
  return null
}

const leadsTo = (compose, { data, doors }) =>
  compose.until('HAProxy leads to a plane', async () => {
    const answer = await ask(doors.data, 'GET', `${data}/nobody/settings`).catch(() => null)
    return answer !== null && answer.status < 500
  }, 60)

/** Until a write is taken again, asked once a second: sign-ins would meet their limit. Then whoever had signed in goes on. */
async function untilGoesOn(compose, person, house, seconds) {
  const { control, doors, key } = house
  const write = () => ask(doors.control, 'POST', `${control}/api/v1/projects/${person.project}/instances`, { body: {}, bearer: key })
  const isTaken = async () => {
    const { status } = await write().catch(() => ({ status: 0 }))
    if (status !== 201) await sleep(750)
    return status === 201
  }
  await compose.until('a write is taken', isTaken, seconds)
  return goOn(person, house)
}
