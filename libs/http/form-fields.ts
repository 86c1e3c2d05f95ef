/** The fields of a posted form (`application/x-www-form-urlencoded`); an object without a prototype, so no name means more than itself. */
export function formFields(body: Buffer): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    // A field given twice becomes a list, which no field of ours accepts.
    fields[name] = name in fields ? [fields[name], value] : value
  }
  return fields
}
