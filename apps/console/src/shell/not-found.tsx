import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { buttonClass } from '../ui/button.js'
import { ErrorNote } from '../ui/note.js'
import { Page } from '../ui/page.js'

export function NotFound() {
  return (
    <Page title="There is no such page" lead="The address may be of an older version, or of something that was deleted.">
      <Link to="/" className={buttonClass('primary')}>
        Go home
      </Link>
    </Page>
  )
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="This page stopped working">
      <ErrorNote error={error} retry={reset} />
    </Page>
  )
}
