import { Stack } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { LinkedSignIn } from "../account/linked-sign-in.tsx"
import { NameForm } from "../account/name-form.tsx"
import { PasswordForm } from "../account/password-form.tsx"
import { SecondFactor } from "../account/second-factor.tsx"
import { Sessions } from "../account/sessions.tsx"
import { sessionQuery } from "../server/session.ts"
import { signInMethodsQuery } from "../server/sign-in-methods.ts"
import { Loaded } from "../show/loaded.tsx"
import { PageHeading } from "../show/page-heading.tsx"

export function Account() {
  const member = useQuery(sessionQuery).data
  const methods = useQuery(signInMethodsQuery)
  if (!member) return null
  return (
    <>
      <PageHeading title="Your account">{member.email}</PageHeading>
      <Stack maw={640}>
        <NameForm key={member.name} name={member.name} />
        <Loaded of={methods}>
          {(found) => (
            <>
              {found.password && <PasswordForm />}
              <SecondFactor methods={found} />
              {found.openId && <LinkedSignIn provider={found.openId} hasPassword={found.password} />}
            </>
          )}
        </Loaded>
        <Sessions />
      </Stack>
    </>
  )
}
