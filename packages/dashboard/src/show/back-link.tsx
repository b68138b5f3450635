import { Anchor, type AnchorProps } from "@mantine/core"
import { IconArrowLeft } from "@tabler/icons-react"
import { createLink } from "@tanstack/react-router"
import type { ReactNode, Ref } from "react"

interface PlainBackLinkProps extends AnchorProps {
  readonly children?: ReactNode
  readonly ref?: Ref<HTMLAnchorElement>
}

function PlainBackLink({ children, ...anchor }: PlainBackLinkProps) {
  return (
    <Anchor size="sm" mb="sm" display="inline-block" {...anchor}>
      <IconArrowLeft size={14} style={{ verticalAlign: -2 }} /> {children}
    </Anchor>
  )
}

/** From a thing to the list that it is in. */
export const BackLink = createLink(PlainBackLink)
