import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from 'react'
import { cx } from '../lib/cx.js'

/** A labelled control; `children` gets the id that ties label, hint and problem to it. */
export function Field({
  label,
  hint,
  problem,
  children,
}: {
  label: string
  hint?: ReactNode
  problem?: string | undefined
  children: (attributes: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }) => ReactNode
}) {
  const id = useId()
  return (
    <div className="grid gap-1 text-sm">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': `${id}-hint`, 'aria-invalid': problem !== undefined })}
      <p id={`${id}-hint`} className={cx('text-xs', problem ? 'text-bad' : 'text-faint')}>
        {problem ?? hint}
      </p>
    </div>
  )
}

export function Input({ className = '', ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return <input {...rest} className={cx('control', !/\bw-/.test(className) && 'w-full', className)} />
}

export function Select({ className = '', children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select {...rest} className={cx('control pr-7', className)}>
      {children}
    </select>
  )
}

/** Text that a list is searched by. */
export function SearchInput({ label, ...rest }: InputHTMLAttributes<HTMLInputElement> & { label: string }) {
  return <Input type="search" aria-label={label} placeholder={label} autoComplete="off" spellCheck={false} {...rest} />
}
