import { NavLink, type NavLinkProps } from "@mantine/core"
import { createLink } from "@tanstack/react-router"
import type { Ref } from "react"

interface PlainEntryProps extends NavLinkProps {
  readonly ref?: Ref<HTMLAnchorElement>
  /** Set by the router on the entry of the page that is shown, and of the pages below it. */
  readonly "data-status"?: string
}

function PlainEntry(entry: PlainEntryProps) {
  return <NavLink style={{ borderRadius: 8 }} {...entry} active={entry["data-status"] === "active"} />
}

export const NavigationEntry = createLink(PlainEntry)
