import { useInfiniteQuery } from "@tanstack/react-query"
import { peopleQuery } from "../server/people.ts"

const prefix = "member:"

/** Addresses in place of members' ids, as far as the first page of members goes; whoever has left keeps an id. */
export function useActorNames(workspaceId: string): (actor: string) => string {
  const people = useInfiniteQuery(peopleQuery(workspaceId)).data?.pages.flatMap((page) => page.members) ?? []
  const names = new Map(people.map(({ email, id }) => [`${prefix}${id}`, email]))
  return (actor) => names.get(actor) ?? actor
}
