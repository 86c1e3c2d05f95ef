import type { AuthProvider } from '@portico/sdk'
import { Note } from '../../ui/note.js'
import { Time } from '../../ui/time.js'

type Problem = NonNullable<AuthProvider['lastProblem']>

const WORDS: Record<Problem['kind'], (name: string) => [what: string, remedy: string]> = {
  unavailable: (name) => [`${name} did not answer`, 'Usually it passes by itself. For a provider of your own: is its issuer reached from here?'],
  wrong_client: (name) => [
    `${name} does not know the client id or its secret`,
    'Copy both again from its console; a secret that expired has to be made anew there.',
  ],
  untrusted: (name) => [
    `The answer of ${name} could not be trusted`,
    'Issuer, signature or nonce was not what it should be. Compare the issuer here with the one in its metadata.',
  ],
  misconfigured: (name) => [`${name} cannot work as it is set up`, 'Look at the fields of its set-up and at the redirect URI.'],
}

/** The last sign-in that failed through no fault of the person. */
export function LastProblem({ name, problem, changedAt }: { name: string; problem: Problem; changedAt: string | null }) {
  const [what, remedy] = WORDS[problem.kind](name)
  const isOlder = changedAt !== null && problem.at < changedAt
  return (
    <div className="border-t border-line p-3">
      <Note tone={isOlder ? 'info' : 'warn'} title={`${what}, ${isOlder ? 'before the last change here' : 'last time'}`}>
        <p>{isOlder ? 'Test it, or wait for the next sign-in.' : remedy}</p>
        <p className="mt-1 text-xs">
          <Time at={problem.at} />
          {problem.detail && <> · it says: “{problem.detail}”</>}
        </p>
      </Note>
    </div>
  )
}
