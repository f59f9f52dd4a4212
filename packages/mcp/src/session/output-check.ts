import { SchemaCheck } from '../json-schema/schema-check.ts'
import type { SchemaVerdict } from '../json-schema/schema-check.ts'

/** Keyed by the schema itself, so that a list that is gone takes its checks along. */
const checks = new WeakMap<object, SchemaCheck>()

/** Judges a value by a server's schema. What cannot be checked is named, and is no fault. */
export function judge(schema: object, value: unknown): SchemaVerdict {
  let check = checks.get(schema)
  if (check === undefined) {
    check = new SchemaCheck(schema)
    checks.set(schema, check)
  }
  return check.check(value)
}
