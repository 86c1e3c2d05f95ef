/** The JSON object that a text is, or null. */
export function readObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

export function JsonEditor({
  label,
  text,
  onChange,
  readOnly = false,
}: {
  label: string
  text: string
  onChange: (text: string) => void
  readOnly?: boolean
}) {
  const invalid = readObject(text) === null
  return (
    <div className="grid gap-1">
      <textarea
        aria-label={label}
        aria-invalid={invalid}
        className="control h-auto min-h-24 w-full resize-y py-2 font-mono text-xs leading-5 aria-invalid:border-bad"
        rows={Math.min(16, Math.max(4, text.split('\n').length))}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        readOnly={readOnly}
        spellCheck={false}
      />
      {invalid && <p className="text-xs text-bad">This is not a JSON object yet.</p>}
    </div>
  )
}
