import { EmptyState } from "@mantine/core"
import { IconLock } from "@tabler/icons-react"
import { PageHeading } from "./page-heading.tsx"

interface ForAdminsProps {
  readonly title: string
  readonly about: string
}

/** In the place of a page whose contents the server shows to admins only. */
export function ForAdmins({ about, title }: ForAdminsProps) {
  return (
    <>
      <PageHeading title={title}>{about}</PageHeading>
      <EmptyState
        icon={<IconLock size={28} />}
        title="For owners and admins"
        description="Ask one of them, or to become one."
      />
    </>
  )
}
