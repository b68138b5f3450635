import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { useState } from "react"
import {
  type PreparedSecondFactor,
  prepareSecondFactor,
  renewBackupCodes,
  secondFactorChanges,
  type SignInMethods,
  signInMethodsKey,
  turnOffSecondFactor,
} from "../server/sign-in-methods.ts"
import { useAct } from "../server/use-act.ts"
import { Moment } from "../show/moment.tsx"
import { SecretOnce } from "../show/secret-once.tsx"
import { PasswordDialog } from "./password-dialog.tsx"
import { ScanDialog } from "./scan-dialog.tsx"

/** A code of an authenticator app, asked for after the password. */
export function SecondFactor({ methods }: { readonly methods: SignInMethods }) {
  const [codes, showCodes] = useState<readonly string[]>()
  return (
    <Card>
      <Group gap="sm" mb={4}>
        <Title order={2}>Second factor</Title>
        {methods.secondFactor && (
          <Badge color="teal" variant="light">
            on
          </Badge>
        )}
      </Group>
      {methods.secondFactor ? (
        <On since={methods.secondFactor.since} onCodes={showCodes} />
      ) : methods.password ? (
        <Off onCodes={showCodes} />
      ) : (
        <Text size="sm" c="dimmed">
          You have no password here: a second factor is asked for where you sign in.
        </Text>
      )}
      <SecretOnce
        title="Backup codes"
        secret={codes?.join("\n")}
        hint="Without your app, one of them signs you in, once. Keep them apart from your password."
        onClose={() => showCodes(undefined)}
      />
    </Card>
  )
}

interface WithCodes {
  readonly onCodes: (codes: readonly string[]) => void
}

function Off({ onCodes }: WithCodes) {
  const [isAsked, ask] = useState(false)
  const [prepared, setPrepared] = useState<PreparedSecondFactor>()
  const prepare = useAct({ act: prepareSecondFactor, changes: [] })
  const show = (found: PreparedSecondFactor) => {
    ask(false)
    setPrepared(found)
  }
  const finish = (backupCodes: readonly string[]) => {
    setPrepared(undefined)
    onCodes(backupCodes)
  }
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        After the password a code is asked for that only your phone knows.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => ask(true)}>
          Turn on
        </Button>
      </Group>
      <PasswordDialog
        title="Turn on the second factor"
        hint="You need an authenticator app, for example on your phone."
        verb="Continue"
        opened={isAsked}
        onClose={() => ask(false)}
        onPassword={(password) => prepare.mutate(password, { onSuccess: show })}
        isBusy={prepare.isPending}
        error={prepare.error}
      />
      <ScanDialog prepared={prepared} onClose={() => setPrepared(undefined)} onDone={finish} />
    </>
  )
}

function On({ onCodes, since }: WithCodes & { readonly since: string }) {
  const [asked, ask] = useState<"codes" | "off">()
  const turnOff = useAct({
    act: turnOffSecondFactor,
    done: () => "The second factor is off.",
    changes: secondFactorChanges,
  })
  const renew = useAct({ act: renewBackupCodes, changes: [signInMethodsKey] })
  const close = () => ask(undefined)
  return (
    <Stack>
      <Text size="sm" c="dimmed" component="div">
        Turned on <Moment at={since} span inherit />. A code of your app is asked for after the password.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => ask("codes")}>
          New backup codes
        </Button>
        <Button variant="default" onClick={() => ask("off")}>
          Turn off
        </Button>
      </Group>
      <PasswordDialog
        title="Turn off the second factor?"
        hint="Your password alone signs you in from then on, and the backup codes stop working."
        verb="Turn off"
        color="red"
        opened={asked === "off"}
        onClose={close}
        onPassword={(password) => turnOff.mutate(password, { onSuccess: close })}
        isBusy={turnOff.isPending}
        error={turnOff.error}
      />
      <PasswordDialog
        title="New backup codes"
        hint="The ones before stop working."
        verb="Make new codes"
        opened={asked === "codes"}
        onClose={close}
        onPassword={(password) =>
          renew.mutate(password, {
            onSuccess: ({ backupCodes }) => {
              close()
              onCodes(backupCodes)
            },
          })
        }
        isBusy={renew.isPending}
        error={renew.error}
      />
    </Stack>
  )
}
