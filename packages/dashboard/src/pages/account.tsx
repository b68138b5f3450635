import { Stack } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { NameForm } from "../account/name-form.tsx"
import { PasswordForm } from "../account/password-form.tsx"
import { Sessions } from "../account/sessions.tsx"
import { sessionQuery } from "../server/session.ts"
import { PageHeading } from "../show/page-heading.tsx"

export function Account() {
  const member = useQuery(sessionQuery).data
  if (!member) return null
  return (
    <>
      <PageHeading title="Your account">{member.email}</PageHeading>
      <Stack maw={640}>
        <NameForm key={member.name} name={member.name} />
        <PasswordForm />
        <Sessions />
      </Stack>
    </>
  )
}
