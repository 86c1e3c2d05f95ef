/** `redirectTo` as the wire and the database spell it: `redirect_to`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
