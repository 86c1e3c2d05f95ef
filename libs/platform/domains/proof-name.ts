/** Where the proof is looked for. */
export function proofName(hostname: string): string {
  return `_portico.${hostname}`
}
