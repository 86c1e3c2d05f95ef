/** A named, parametrised statement. The name makes the server keep its plan; one name belongs to one text. */
export interface Statement {
  name: string
  text: string
  values: readonly unknown[]
}
