import { PasswordInput, TextInput } from "@mantine/core"
import type { ConnectorForm } from "./use-connector-form.ts"

export function ClientFields({ form }: { readonly form: ConnectorForm }) {
  return (
    <>
      <TextInput
        label="Client ID"
        autoComplete="off"
        spellCheck={false}
        key={form.key("clientId")}
        {...form.getInputProps("clientId")}
      />
      <PasswordInput
        label="Client secret"
        description="Sealed when it is stored; nobody can read it again."
        autoComplete="new-password"
        key={form.key("clientSecret")}
        {...form.getInputProps("clientSecret")}
      />
    </>
  )
}
