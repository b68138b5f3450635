import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { useState } from "react"
import { beginLink, type SignInMethods, signInMethodsKey, unlink } from "../server/sign-in-methods.ts"
import { useAct } from "../server/use-act.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { PasswordDialog } from "./password-dialog.tsx"

interface LinkedSignInProps {
  readonly provider: NonNullable<SignInMethods["openId"]>
  readonly hasPassword: boolean
}

/** The operator's OpenID provider, as a further way to sign in. */
export function LinkedSignIn({ hasPassword, provider }: LinkedSignInProps) {
  const { linked, name } = provider
  return (
    <Card>
      <Group gap="sm" mb={4}>
        <Title order={2}>Sign in with {name}</Title>
        {linked && (
          <Badge color="teal" variant="light">
            linked
          </Badge>
        )}
      </Group>
      {linked ? (
        <Linked name={name} isLast={!hasPassword} />
      ) : (
        <Unlinked name={name} hasPassword={hasPassword} />
      )}
    </Card>
  )
}

function Linked({ isLast, name }: { readonly name: string; readonly isLast: boolean }) {
  const end = useAct({
    act: unlink,
    done: () => `${name} no longer signs you in.`,
    changes: [signInMethodsKey],
  })
  if (isLast)
    return (
      <Text size="sm" c="dimmed">
        This is how you sign in. You have no password, so it stays linked.
      </Text>
    )
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        Your account of {name} signs you in too.
      </Text>
      <ErrorNotice error={end.error} />
      <Group justify="flex-end">
        <Button variant="default" loading={end.isPending} onClick={() => end.mutate(undefined)}>
          Unlink
        </Button>
      </Group>
    </Stack>
  )
}

function Unlinked({ hasPassword, name }: { readonly name: string; readonly hasPassword: boolean }) {
  const [isAsked, ask] = useState(false)
  const begin = useAct({ act: beginLink, changes: [] })
  const go = (password?: string) => begin.mutate(password, { onSuccess: ({ url }) => location.assign(url) })
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        Link your account of {name}, and it signs you in from then on.
      </Text>
      {!hasPassword && <ErrorNotice error={begin.error} />}
      <Group justify="flex-end">
        <Button variant="default" loading={begin.isPending} onClick={() => (hasPassword ? ask(true) : go())}>
          Link {name}
        </Button>
      </Group>
      <PasswordDialog
        title={`Link ${name}`}
        hint={`You sign in at ${name} next, and come back here.`}
        verb="Continue"
        opened={isAsked}
        onClose={() => ask(false)}
        onPassword={go}
        isBusy={begin.isPending}
        error={begin.error}
      />
    </Stack>
  )
}
