import type { KeysApi } from "@grantry/sdk/members"
import { Button } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconPlus } from "@tabler/icons-react"
import type { QueryKey } from "@tanstack/react-query"
import { useState } from "react"
import { useAct } from "../server/use-act.ts"
import { NameDialog } from "../show/name-dialog.tsx"
import { SecretOnce } from "../show/secret-once.tsx"

interface NewKeyButtonProps {
  readonly api: KeysApi
  readonly ownerId: string
  readonly queryKey: QueryKey
  /** What kind of key, e.g. "Service key". */
  readonly noun: string
  /** Where it goes. */
  readonly hint: string
}

export function NewKeyButton({ api, hint, noun, ownerId, queryKey }: NewKeyButtonProps) {
  const [isAsked, dialog] = useDisclosure(false)
  const [secret, setSecret] = useState<string>()
  const create = useAct({ act: (name: string) => api.create(ownerId, { name }), changes: [queryKey] })
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
        New key
      </Button>
      <NameDialog
        title={`New ${noun.toLowerCase()}`}
        hint="So that you know later what uses it."
        verb="Create key"
        opened={isAsked}
        onClose={dialog.close}
        isBusy={create.isPending}
        error={create.error}
        onName={async (name) => {
          const { key } = await create.mutateAsync(name)
          dialog.close()
          setSecret(key)
        }}
      />
      <SecretOnce title={noun} secret={secret} hint={hint} onClose={() => setSecret(undefined)} />
    </>
  )
}
