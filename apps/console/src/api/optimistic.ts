import type { QueryClient } from '@tanstack/react-query'
import { toast } from '../ui/toast.js'

/**
 * Of a mutation: shows the change before the server has answered, and takes it back where it says no. For what is one press to undo; what
 * ends sessions, or cannot be taken back, waits for the answer.
 */
export function optimistic<Data, In>(client: QueryClient, queryKey: readonly unknown[], change: (data: Data, input: In) => Data) {
  return {
    onMutate: async (input: In) => {
      await client.cancelQueries({ queryKey })
      const before = client.getQueryData<Data>(queryKey)
      if (before !== undefined) client.setQueryData<Data>(queryKey, change(before, input))
      return { before }
    },
    onError: (error: Error, _input: In, shown: { before: Data | undefined } | undefined) => {
      if (shown?.before !== undefined) client.setQueryData<Data>(queryKey, shown.before)
      toast.failed(error)
    },
  }
}
