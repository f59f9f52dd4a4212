import type * as z from 'zod/v4/core'
import type { Issue } from '../errors/connector-error.ts'
import { unknownFields } from './unknown-fields.ts'

/** Any schema of `zod` or `zod/mini`. Core calls only its methods, so it does not import zod. */
export interface Schema<Output = unknown, Input = unknown> extends z.$ZodType<Output, Input> {
  // Without `exactOptionalPropertyTypes`, zod's `data?: never` of a failure would add undefined to an inferred `Output`.
  safeParse(data: unknown): SafeParse<NoInfer<Output>>
}

export type SafeParse<Output> =
  | { readonly success: true; readonly data: Output; readonly error?: undefined }
  | { readonly success: false; readonly error: { readonly issues: readonly z.$ZodIssue[] } }

export type Input<S extends Schema> = z.input<S>
export type Output<S extends Schema> = z.output<S>

export type Parsed<Output> =
  | { readonly data: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly cause?: unknown }

/** Parses a caller's value. Never throws: a value whose getters throw, or that is nested too deeply, is invalid. */
export function tryParse<Output>(schema: Schema<Output>, value: unknown): Parsed<Output> {
  try {
    const parsed = schema.safeParse(value)
    // zod creates the error lazily, and reads the value again for it.
    return parsed.success ? { data: parsed.data } : { issues: issuesOf(parsed.error) }
  } catch (cause) {
    return { issues: [UNREADABLE], cause }
  }
}

/** Parses a caller's value, and rejects fields that the schema would drop. Never throws. */
export function tryParseStrict<Output>(schema: Schema<Output>, value: unknown): Parsed<Output> {
  const parsed = tryParse(schema, value)
  if (parsed.issues !== undefined && 'cause' in parsed) return parsed
  try {
    const unknown = unknownFields(schema, value)
    if (unknown.length === 0) return parsed
    // The issues of a strict schema about unknown fields are in the list already.
    const others = (parsed.issues ?? []).filter(({ message }) => !message.startsWith('Unrecognized key'))
    return { issues: [...unknown, ...others].slice(0, MAX_ISSUES) }
  } catch (cause) {
    return { issues: [UNREADABLE], cause }
  }
}

const UNREADABLE: Issue = { path: '', message: 'Cannot be read: pass plain JSON data.' }

/** Returns the issues of a parse error, without the value. */
export const issuesOf = (error: { readonly issues: readonly z.$ZodIssue[] }): readonly Issue[] =>
  error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => ({ path: path.map(String).join('.'), message }))

/** Maximum number of issues, because a list of a thousand bad items would fill the log. */
const MAX_ISSUES = 20
