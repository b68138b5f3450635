import type { ConnectionConfigField } from "@grantry/sdk/wire"
import { Stack, TextInput } from "@mantine/core"

export type ConfigValues = Readonly<Record<string, string>>

interface ConfigFieldsProps {
  readonly fields: readonly ConnectionConfigField[]
  readonly values: ConfigValues
  readonly onChange: (values: ConfigValues) => void
  readonly disabled?: boolean
}

/** Values that a service needs before consent, e.g. a subdomain. What stays empty, the connect page asks for. */
export function ConfigFields({ disabled = false, fields, onChange, values }: ConfigFieldsProps) {
  return (
    <Stack gap="sm">
      {fields.map((field) => (
        <TextInput
          key={field.name}
          label={field.display_name}
          description={field.description}
          placeholder={field.placeholder}
          value={values[field.name] ?? ""}
          onChange={(event) => onChange({ ...values, [field.name]: event.currentTarget.value })}
          error={configProblem(field, values[field.name] ?? "")}
          disabled={disabled}
          autoComplete="off"
          spellCheck={false}
        />
      ))}
    </Stack>
  )
}

/** The server's own rule and its own sentence, before it is asked. */
export function configProblem(field: ConnectionConfigField, value: string): string | null {
  return value === "" || new RegExp(field.validation_pattern, "u").test(value) ? null : field.validation_error
}

export function givenValues(values: ConfigValues): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""))
}
