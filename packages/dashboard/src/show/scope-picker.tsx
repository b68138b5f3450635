import type { ConnectorTypeInfo } from "@grantry/sdk/wire"
import { Box, Checkbox, Code, ScrollArea, Stack, TagsInput, Text, TextInput } from "@mantine/core"
import { IconSearch } from "@tabler/icons-react"
import { useState } from "react"

interface ScopePickerProps {
  readonly type: ConnectorTypeInfo
  readonly value: readonly string[]
  readonly onChange: (scopes: string[]) => void
  readonly disabled?: boolean
  /** Asked for before, and not granted. */
  readonly missing?: readonly string[]
}

const searchedFrom = 9

/** A type's permissions in plain words, and a field for those that the catalogue does not name. */
export function ScopePicker({ disabled = false, missing = [], onChange, type, value }: ScopePickerProps) {
  const [search, setSearch] = useState("")
  const known = new Set(type.scopes.map(({ scope }) => scope))
  const others = value.filter((scope) => !known.has(scope))
  const shown = type.scopes.filter(({ meaning, scope }) =>
    `${meaning} ${scope}`.toLowerCase().includes(search.toLowerCase()),
  )
  return (
    <Stack gap="sm">
      {type.scopes.length >= searchedFrom && (
        <TextInput
          size="xs"
          aria-label="Search permissions"
          placeholder="Search permissions"
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <Checkbox.Group aria-label="Permissions" value={[...value]} onChange={onChange} disabled={disabled}>
        <ScrollArea.Autosize mah={340} type="auto" offsetScrollbars>
          <Stack gap={10} py={2} pl={2}>
            {shown.map(({ meaning, scope }) => (
              <Checkbox
                key={scope}
                value={scope}
                label={meaning}
                description={<Scope name={scope} isMissing={missing.includes(scope)} />}
              />
            ))}
          </Stack>
        </ScrollArea.Autosize>
      </Checkbox.Group>
      <TagsInput
        size="xs"
        label="Other permissions"
        description="By the provider's own name; press Enter after each."
        value={others}
        onChange={(given) => onChange([...value.filter((scope) => known.has(scope)), ...given])}
        disabled={disabled}
        splitChars={[",", " "]}
        acceptValueOnBlur
      />
      {type.always_scopes.length > 0 && (
        <Text size="xs" c="dimmed">
          Asked for in any case: {type.always_scopes.join(", ")}
        </Text>
      )}
    </Stack>
  )
}

function Scope({ isMissing, name }: { readonly name: string; readonly isMissing: boolean }) {
  return (
    <Box component="span">
      <Code fz={11} bg="transparent" p={0}>
        {name}
      </Code>
      {isMissing && (
        <Text component="span" size="xs" c="var(--mantine-color-orange-light-color)" fw={600} ml={6}>
          not granted
        </Text>
      )}
    </Box>
  )
}
