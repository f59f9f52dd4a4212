import type { JsonSchema, SettingField } from './connector.ts'
import { jsonSchemaOf } from './json-schema.ts'
import type { Schema } from './schema.ts'

/**
 * The settings of a connector as a form needs them.
 * @param missing fields that the composition left to each connection
 */
export function settingFieldsOf(schema: Schema, missing: readonly string[]): readonly SettingField[] {
  const { properties = {} } = jsonSchemaOf(schema, 'input') as { properties?: Readonly<Record<string, JsonSchema>> }
  return Object.entries(properties).map(([name, field]) => ({
    name,
    required: missing.includes(name),
    title: textIn(field['title']),
    description: textIn(field['description']),
    schema: field,
  }))
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
