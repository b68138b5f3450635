import { Button, Stack } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconUserPlus } from "@tabler/icons-react"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { InviteDialog } from "../people/invite-dialog.tsx"
import { PeopleTable } from "../people/people-table.tsx"
import { peopleQuery } from "../server/people.ts"
import { useMay } from "../server/workspaces.ts"
import { Loaded } from "../show/loaded.tsx"
import { MoreButton } from "../show/more-button.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function Members() {
  const { ws } = useParams({ from: "/workspaces/$ws/members" })
  const [isInviting, dialog] = useDisclosure(false)
  const mayInvite = useMay(ws, "admin")
  const people = useInfiniteQuery(peopleQuery(ws))
  const button = mayInvite && (
    <Button leftSection={<IconUserPlus size={16} />} onClick={dialog.open}>
      Invite
    </Button>
  )
  return (
    <>
      <PageHeading title="Members" actions={button}>
        Viewers look, editors build and connect, admins register connectors and invite, owners do everything.
      </PageHeading>
      <Loaded of={people}>
        {({ pages }) => (
          <Stack>
            <PeopleTable
              workspaceId={ws}
              people={pages.flatMap((page) => page.members)}
              mayChange={mayInvite}
            />
            <MoreButton query={people} />
          </Stack>
        )}
      </Loaded>
      <InviteDialog workspaceId={ws} opened={isInviting} onClose={dialog.close} />
    </>
  )
}
