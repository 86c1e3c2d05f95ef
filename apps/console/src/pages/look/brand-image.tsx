import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState, type ChangeEvent } from 'react'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button, buttonClass } from '../../ui/button.js'
import { toast } from '../../ui/toast.js'

type Kind = 'logo' | 'icon'

const MOST_KILOBYTES = 256
const WORDS: Record<Kind, { title: string; hint: string; removed: string }> = {
  logo: { title: 'Logo', hint: 'On top of pages and mails. PNG or JPEG, at most 256 KB.', removed: 'The logo is gone' },
  icon: { title: 'Icon', hint: 'In the tab of the browser. PNG or JPEG, square, at most 256 KB.', removed: 'The icon is gone' },
}
/** `…-320x80.png`: the address of a picture says how large it is. */
const SIZE = /(\d+)x(\d+)\.(\w+)$/

interface Chosen {
  bytes: Uint8Array
  /** The picture as it was chosen; our own policy takes no address of another host here. */
  url: string
}

/** A picture that is looked at before it is everybody's, and seen in the preview as soon as it is. */
export function BrandImage({
  projectId,
  kind,
  name,
  denied,
  onChange,
}: {
  projectId: string
  kind: Kind
  /** Of the one that there is. */
  name: string | null | undefined
  denied: string | false
  onChange: (name: string | undefined) => void
}) {
  const id = useId()
  const client = useQueryClient()
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const { title, hint, removed } = WORDS[kind]
  const [, width, height, type] = SIZE.exec(name ?? '') ?? []
  const finish = async (to: string | undefined, said: string) => {
    await client.invalidateQueries({ queryKey: ['project', projectId, 'auth'] })
    onChange(to)
    setChosen(null)
    toast.done(said)
  }
  const failed = (error: Error) => setProblem(inPlainWords(error).detail.replace(/^data: /, ''))
  const save = useMutation({
    mutationFn: ({ bytes }: Chosen) => portico.projects.auth.branding.setImage(projectId, kind, bytes),
    onSuccess: (made) => finish(made.name, `The ${kind} is seen by everybody from now on`),
    onError: failed,
  })
  const remove = useMutation({
    mutationFn: () => portico.projects.auth.branding.removeImage(projectId, kind),
    onSuccess: () => finish(undefined, removed),
    onError: failed,
  })
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0]
    // The same file may be chosen again.
    target.value = ''
    setProblem(null)
    if (!file) return
    if (file.size > MOST_KILOBYTES * 1024) return setProblem(`It has ${Math.ceil(file.size / 1024)} KB; at most ${MOST_KILOBYTES} are taken.`)
    setChosen({ bytes: new Uint8Array(await file.arrayBuffer()), url: await asDataUrl(file) })
  }
  return (
    <div className="grid gap-1.5 text-sm">
      <div className="flex items-center justify-between gap-3">
        <span>
          <span className="font-medium">{title}</span>
          {width && (
            <span className="ml-2 text-xs text-faint">
              {width} × {height} {type?.toUpperCase()}
            </span>
          )}
        </span>
        <span className="flex gap-1.5">
          {denied ? (
            <Button deniedBecause={denied}>{name ? 'Replace' : 'Choose a file'}</Button>
          ) : (
            <>
              <input id={id} type="file" accept="image/png,image/jpeg" className="peer sr-only" onChange={(event) => void choose(event)} />
              <label htmlFor={id} className={buttonClass('plain', 'cursor-pointer peer-focus-visible:outline-2')}>
                {name ? 'Replace' : 'Choose a file'}
                <span className="sr-only"> for the {kind}</span>
              </label>
            </>
          )}
          {name && !denied && (
            <Button look="quiet" busy={remove.isPending} onClick={() => remove.mutate()} aria-label={`Remove the ${kind}`}>
              Remove
            </Button>
          )}
        </span>
      </div>
      {chosen && (
        <div className="flex items-center gap-3 rounded-md border border-line bg-sunken p-2">
          <img src={chosen.url} alt={`The chosen ${kind}`} className="max-h-16 max-w-32 rounded object-contain" />
          <span className="ml-auto flex gap-1.5">
            <Button onClick={() => setChosen(null)}>Cancel</Button>
            <Button look="primary" busy={save.isPending} onClick={() => save.mutate(chosen)}>
              Use it
            </Button>
          </span>
        </div>
      )}
      <p role={problem ? 'alert' : undefined} className={problem ? 'text-xs text-bad' : 'text-xs text-faint'}>
        {problem ?? hint}
      </p>
    </div>
  )
}

function asDataUrl(file: File): Promise<string> {
  return new Promise((done, fail) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => done(String(reader.result)))
    reader.addEventListener('error', () => fail(reader.error ?? new Error('The file could not be read.')))
    reader.readAsDataURL(file)
  })
}
