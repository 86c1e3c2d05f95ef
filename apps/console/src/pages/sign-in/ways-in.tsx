import { Link } from '@tanstack/react-router'
import { useProjectId } from '../../api/project.js'

const WAYS: [value: string, label: string][] = [
  ['email', 'Email and password'],
  ['magic_link', 'Mailed link'],
  ['email_otp', 'Mailed code'],
  ['passkey', 'Passkey'],
  ['google', 'Google'],
  ['github', 'GitHub'],
  ['microsoft', 'Microsoft'],
  ['apple', 'Apple'],
  ['gitlab', 'GitLab'],
]

/** Which ways are on. Providers outside need a client id and secret too, on the page for them. */
export function WaysIn({ value, readOnly, onChange }: { value: string[]; readOnly: boolean; onChange: (value: string[]) => void }) {
  const projectId = useProjectId()
  const own = value.filter((way) => !WAYS.some(([known]) => known === way)).map((way) => [way, way] as const)
  return (
    <fieldset className="grid gap-1 text-sm">
      <legend className="sr-only">Ways to sign in</legend>
      {[...WAYS, ...own].map(([way, label]) => (
        <label key={way} className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-accent-solid"
            checked={value.includes(way)}
            disabled={readOnly}
            onChange={(event) => onChange(event.target.checked ? [...value, way] : value.filter((other) => other !== way))}
          />
          {label}
        </label>
      ))}
      <Link to="/projects/$projectId/providers" params={{ projectId }} className="mt-1 text-xs text-accent hover:underline">
        Client ids and secrets of providers
      </Link>
    </fieldset>
  )
}
