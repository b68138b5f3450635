import { notifications } from "@mantine/notifications"
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query"

interface Act<Input, Answer> {
  readonly act: (input: Input) => Promise<Answer>
  /** What to say when it is done; nothing where the page shows it anyway. */
  readonly done?: (answer: Answer, input: Input) => string
  /** What is no longer true afterwards. */
  readonly changes: readonly QueryKey[]
}

/** A change on the server: progress and error are the page's to show, success is announced. */
export function useAct<Input, Answer>({ act, changes, done }: Act<Input, Answer>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: (answer, input) => {
      if (done) notifications.show({ message: done(answer, input), color: "teal" })
      return Promise.all(changes.map((queryKey) => client.invalidateQueries({ queryKey })))
    },
  })
}
