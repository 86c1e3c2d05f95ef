import { Link } from '@tanstack/react-router'
import { enterDemo } from '../../api/demo.js'
import { useSession } from '../../api/session.js'
import { Button, buttonClass } from '../../ui/button.js'
import { Empty } from '../../ui/empty.js'
import { Page } from '../../ui/page.js'

/** Nothing is there to count yet. */
export function FirstSteps() {
  const { demo, banner } = useSession()
  return (
    <Page title="Welcome to Portico" lead="Managed auth for the apps that your platform builds.">
      <div className="panel">
        <Empty
          title="Begin with a project"
          action={
            <span className="flex flex-wrap gap-2">
              <Link to="/projects" search={{ create: '1' }} className={buttonClass('primary')}>
                New project
              </Link>
              {demo && banner === 'open' && <Button onClick={() => void enterDemo()}>Enter the demo</Button>}
            </span>
          }
          sdk={
            "import { Portico } from '@portico/sdk'\n\nconst portico = new Portico()\nconst { id } = await portico.projects.create({ name: 'Blue Bakery' })\nconst { authUrl } = await portico.projects.auth.enable(id)"
          }
          curl={`curl ${location.origin}/api/v1/projects -H "authorization: Bearer $PORTICO_API_KEY" \\\n  -H 'content-type: application/json' -d '{"name":"Blue Bakery"}'`}
        >
          A project is one app: its people, keys and settings. With auth on, the app gets an address where people sign up and in, and a
          secret that its server checks tokens with. Figures are here as soon as somebody uses it.
        </Empty>
      </div>
    </Page>
  )
}
