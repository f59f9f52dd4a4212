import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { validate } from '../../src/json-schema/schema-validator.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Returns a schema of about 35 kB that is used once. */
function usedSchema(): WeakRef<object> {
  const properties = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [
      `field_${index}`,
      { type: 'string', pattern: `^[a-z]{1,${index + 1}}$` },
    ]),
  )
  const schema = { type: 'object', properties }
  validate(schema, Object.fromEntries(Object.keys(properties).map((name) => [name, 'a'])))
  return new WeakRef(schema)
}

it('releases what it made of a schema together with the list that the schema was in', async () => {
  const schemas = Array.from({ length: 20 }, usedSchema)
  // A weak reference keeps its target alive until the end of the turn that created it.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  expect(schemas.filter((each) => each.deref() !== undefined)).toEqual([])
})
