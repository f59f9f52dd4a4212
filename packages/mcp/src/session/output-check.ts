import { fromJsonSchema } from '@modelcontextprotocol/client'
import type { ToolDefinition } from '../tools/definition.ts'

type Check = (value: unknown) => string | undefined

/** Compiling a schema costs far more than using it; a definition that is gone takes its check along. */
const checks = new WeakMap<object, Check>()

/**
 * What is wrong with what a tool answered, by the schema that it promised to keep to. A schema that cannot be compiled
 * (a dangling `$ref`, a dialect nobody knows) finds no fault: it is the schema that is broken, not the tool.
 */
export function findOutputFault({ outputSchema }: ToolDefinition, structured: unknown): string | undefined {
  if (outputSchema === undefined) return undefined
  let check = checks.get(outputSchema)
  if (check === undefined) {
    check = compile(outputSchema)
    checks.set(outputSchema, check)
  }
  return check(structured)
}

function compile(schema: object): Check {
  try {
    const { validate } = fromJsonSchema(schema)['~standard']
    return (value) => {
      const verdict = validate(value)
      if (verdict instanceof Promise) return undefined
      return verdict.issues?.map(({ message }) => message).join('; ')
    }
  } catch {
    return () => undefined
  }
}
