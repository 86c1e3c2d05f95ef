import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { MailTemplate, MailTemplateParts } from '@portico/sdk'
import { useState } from 'react'
import { templatesKey } from '../../api/mail-templates.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { toast } from '../../ui/toast.js'

interface EditorProps {
  projectId: string
  template: string
  locale: string
  variables: readonly string[]
  inUse: MailTemplate | null
  typed: MailTemplateParts | null
  onType: (parts: MailTemplateParts | null) => void
  denied: string | false
}

// What the sample values of a preview are, so that Portico's words become a template that one can go on from.
const SAMPLES: [RegExp, string][] = [
  [/https:\/\/auth\.example\.com\/mail\?token=sample-token-of-a-link/g, '{{ link }}'],
  [/246810/g, '{{ code }}'],
  [/new@example\.com/g, '{{ new_address }}'],
]
const NOTHING: MailTemplateParts = { subject: '', text: '', html: '' }
const asTemplate = (text: string) => SAMPLES.reduce((changed, [sample, variable]) => changed.replace(sample, variable), text)

export function Editor({ projectId, template, locale, variables, inUse, typed, onType, denied }: EditorProps) {
  const client = useQueryClient()
  const [resetting, setResetting] = useState(false)
  const parts = typed ?? inUse ?? NOTHING
  const refresh = () => client.invalidateQueries({ queryKey: templatesKey(projectId) })
  const save = useMutation({
    mutationFn: ({ subject, text, html }: MailTemplateParts) =>
      portico.mail.setTemplate(projectId, template, locale, { subject, text, html }),
    onSuccess: async ({ version }) => {
      await refresh()
      onType(null)
      toast.done(`Version ${version} is in use`)
    },
  })
  const begin = useMutation({
    mutationFn: () => portico.mail.previewTemplate(projectId, template, locale),
    onSuccess: ({ subject, text, html }) => onType({ subject: asTemplate(subject), text: asTemplate(text), html: asTemplate(html) }),
    onError: toast.failed,
  })
  const reset = useMutation({
    mutationFn: () => portico.mail.resetTemplate(projectId, template, locale),
    onSuccess: async () => {
      await refresh()
      onType(null)
      setResetting(false)
      toast.done('The mail goes out in Portico’s words')
    },
    onError: toast.failed,
  })
  const problems = save.error ? inPlainWords(save.error) : null
  const change = (part: keyof MailTemplateParts, value: string) =>
    onType({ subject: parts.subject, text: parts.text, html: parts.html, [part]: value })
  const isEmpty = typed === null && inUse === null
  return (
    <Card
      title="Words"
      lead="Liquid. What is inserted is escaped; the link has to be in it."
      actions={
        <>
          {typed !== null && <Button onClick={() => onType(null)}>Undo</Button>}
          {inUse !== null && typed === null && (
            <Button onClick={() => setResetting(true)} deniedBecause={denied}>
              Reset
            </Button>
          )}
          {isEmpty ? (
            <Button look="primary" busy={begin.isPending} onClick={() => begin.mutate()} deniedBecause={denied}>
              Start from Portico’s words
            </Button>
          ) : (
            <Button
              look="primary"
              busy={save.isPending}
              onClick={() => save.mutate(parts)}
              deniedBecause={denied || (typed === null && 'Nothing is changed')}
            >
              Save
            </Button>
          )}
        </>
      }
    >
      <div className="grid gap-3">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-soft">
          Variables:
          {['app', ...variables, 'locale'].map((name) => (
            <code key={name} className="rounded bg-sunken px-1 font-mono">{`{{ ${name} }}`}</code>
          ))}
        </p>
        {problems && Object.keys(problems.fields).length === 0 && (
          <Note tone="bad" title={problems.title}>
            {problems.detail}
          </Note>
        )}
        <Field label="Subject" problem={problems?.fields['subject']}>
          {(attributes) => (
            <Input
              {...attributes}
              value={parts.subject}
              readOnly={denied !== false}
              onChange={(event) => change('subject', event.target.value)}
            />
          )}
        </Field>
        <Source
          label="HTML"
          hint="A whole page, or what stands in the card."
          rows={16}
          value={parts.html}
          problem={problems?.fields['html']}
          readOnly={denied !== false}
          onChange={(html) => change('html', html)}
        />
        <Source
          label="Text"
          hint="For mail programs that show no HTML."
          rows={8}
          value={parts.text}
          problem={problems?.fields['text']}
          readOnly={denied !== false}
          onChange={(text) => change('text', text)}
        />
      </div>
      <Dialog
        open={resetting}
        onClose={() => setResetting(false)}
        title="Back to Portico’s words"
        lead="The versions stay below, and any of them can be taken up again."
        footer={
          <>
            <Button onClick={() => setResetting(false)}>Keep mine</Button>
            <Button look="primary" busy={reset.isPending} onClick={() => reset.mutate()}>
              Reset
            </Button>
          </>
        }
      />
    </Card>
  )
}

function Source({
  label,
  hint,
  rows,
  value,
  problem,
  readOnly,
  onChange,
}: {
  label: string
  hint: string
  rows: number
  value: string
  problem: string | undefined
  readOnly: boolean
  onChange: (value: string) => void
}) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <textarea
          {...attributes}
          className="control h-auto w-full resize-y py-1.5 font-mono text-xs leading-5 aria-invalid:border-bad"
          rows={rows}
          spellCheck={false}
          value={value}
          readOnly={readOnly}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
