/**
 * A named, parametrised statement. The name makes the server keep its plan; one name belongs to one text. An empty name: planned for its
 * values every time, for statements that are put together from what is asked for.
 */
export interface Statement {
  name: string
  text: string
  values: readonly unknown[]
}
