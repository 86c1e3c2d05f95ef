import { Switch as BaseSwitch } from '@base-ui/react/switch'

export function Switch({
  checked,
  onChange,
  label,
  disabled = false,
  ...rest
}: {
  checked: boolean
  onChange: (checked: boolean) => void
  label: string
  id?: string
  disabled?: boolean
}) {
  return (
    <BaseSwitch.Root
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled}
      aria-label={label}
      {...rest}
      className="relative inline-flex h-5 w-9 shrink-0 items-center rounded-full bg-line-strong p-0.5 transition-colors data-[checked]:bg-accent-solid data-[disabled]:opacity-50"
    >
      <BaseSwitch.Thumb className="size-4 rounded-full bg-white shadow transition-transform data-[checked]:translate-x-4" />
    </BaseSwitch.Root>
  )
}
