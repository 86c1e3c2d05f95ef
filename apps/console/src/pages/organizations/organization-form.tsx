import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Organization } from '@portico/sdk'
import { useForm } from 'react-hook-form'
import { organizationsKey } from '../../api/organizations.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { toast } from '../../ui/toast.js'

interface Values {
  name: string
  slug: string
  logoUrl: string
}

export default function OrganizationForm({
  projectId,
  organization,
  onClose,
}: {
  projectId: string
  organization: Organization | null
  onClose: () => void
}) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { register, handleSubmit, setError, formState } = useForm<Values>({
    defaultValues: { name: organization?.name ?? '', slug: organization?.slug ?? '', logoUrl: organization?.logoUrl ?? '' },
  })
  const submit = handleSubmit(async (values) => {
    const [name, slug, logoUrl] = [values.name.trim(), values.slug.trim(), values.logoUrl.trim()]
    try {
      if (organization) {
        await portico.organizations.update(projectId, organization.id, { name, ...(slug && { slug }), logoUrl: logoUrl || null })
        await client.invalidateQueries({ queryKey: organizationsKey(projectId) })
        toast.done(`${name} is changed`)
        return onClose()
      }
      const made = await portico.organizations.create(projectId, { name, ...(slug && { slug }), ...(logoUrl && { logoUrl }) })
      await client.invalidateQueries({ queryKey: organizationsKey(projectId) })
      toast.done(`${made.name} is made`)
      void navigate({
        to: '/projects/$projectId/organizations/$organizationId',
        params: { projectId, organizationId: made.id },
      })
    } catch (error) {
      const { title, detail, fields } = inPlainWords(error)
      const known = (['name', 'slug', 'logoUrl'] as const).filter((field) => fields[field] ?? fields[snake(field)])
      for (const field of known) setError(field, { message: fields[field] ?? fields[snake(field)] ?? '' })
      if (known.length === 0) setError('root', { message: `${title}. ${detail}` })
    }
  })
  return (
    <Dialog open onClose={onClose} title={organization ? 'Change the organization' : 'New organization'}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <Field label="Name" problem={formState.errors.name?.message}>
          {(attributes) => <Input {...attributes} {...register('name', { required: 'A name is needed.' })} autoFocus />}
        </Field>
        <Field
          label="Slug"
          hint={organization ? 'Small letters, digits and dashes.' : 'Empty: made from the name.'}
          problem={formState.errors.slug?.message}
        >
          {(attributes) => <Input {...attributes} {...register('slug')} className="font-mono" spellCheck={false} autoComplete="off" />}
        </Field>
        <Field label="Logo" hint="An https address; the app shows it." problem={formState.errors.logoUrl?.message}>
          {(attributes) => <Input {...attributes} {...register('logoUrl')} type="url" spellCheck={false} autoComplete="off" />}
        </Field>
        {formState.errors.root && <Note tone="bad">{formState.errors.root.message}</Note>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            {organization ? 'Save' : 'Make it'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
