import { Button } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { PageHeading } from "../show/page-heading.tsx"

export function NoSuchPage() {
  return (
    <>
      <PageHeading title="There is no page at this address">
        It may have been deleted, or it belongs to a workspace that you are no member of.
      </PageHeading>
      <Button renderRoot={(props) => <Link to="/" {...props} />}>To your apps</Button>
    </>
  )
}
