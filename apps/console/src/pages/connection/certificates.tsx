import type { SsoConnection } from '@portico/sdk'
import { certificateState } from '../../api/sso.js'
import { CopyId } from '../../ui/copy.js'
import { Note } from '../../ui/note.js'
import { Time } from '../../ui/time.js'

/** What the identity provider signs with, and until when. */
export function Certificates({ saml }: { saml: NonNullable<SsoConnection['saml']> }) {
  const state = certificateState({ saml } as SsoConnection)
  return (
    <div className="grid grid-cols-1 gap-3">
      {state && state.tone !== 'good' && (
        <Note
          tone={state.tone === 'bad' ? 'bad' : 'warn'}
          title={state.tone === 'bad' ? 'Its certificate ran out' : 'Its certificate runs out soon'}
        >
          Ask the company for the next one: both count side by side until the old one is taken away.
        </Note>
      )}
      <dl className="grid min-w-0 gap-2 text-sm">
        <div className="min-w-0">
          <dt className="text-xs text-faint">Issuer</dt>
          <dd className="min-w-0">
            <CopyId value={saml.entityId} label="issuer" whole />
          </dd>
        </div>
        {saml.certificates.map(({ expiresAt, fingerprint, pem }) => (
          <div key={fingerprint ?? pem} className="min-w-0">
            <dt className="text-xs text-faint">
              Certificate, good until <Time at={expiresAt} fallback="an unknown day" />
            </dt>
            <dd className="min-w-0">
              <CopyId value={fingerprint ?? pem} label="fingerprint" whole />
            </dd>
          </div>
        ))}
        {saml.metadataReadAt && (
          <div className="text-xs text-faint">
            Its metadata were read <Time at={saml.metadataReadAt} />.
          </div>
        )}
      </dl>
    </div>
  )
}
