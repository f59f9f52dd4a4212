import type { ZodOptional, ZodPreprocess, ZodType } from 'zod'
import type { $ZodType } from 'zod/v4/core'
import { defOf } from './schema-shape.ts'
import type { Schema } from './schema.ts'

/** What capabilities know of a field besides its type. */
export interface Marks {
  /** Output that neither the user nor the provider wrote, such as a message: it may try to steer an agent. */
  readonly untrusted?: true | undefined
  /** Output that holds personal or confidential data. */
  readonly private?: true | undefined
  /** Input that decides where data goes. */
  readonly destination?: 'recipient' | 'channel' | 'url' | undefined
}

/** A field of a tool that is marked, and everything inside it. */
export interface MarkedField extends Marks {
  /** Where it is. `*` stands for each item of a list and each value of a record. */
  readonly path: readonly string[]
}

/** In the schema's own definition, the marks survive whatever is chained to the schema later, and a second copy of core. */
const MARKS = Symbol.for('@mcpclient/marks')

/**
 * Marks a field for capabilities, such as an approval screen or a guard against prompt injection. The schema stays the same.
 * @param schema of the field, from `zod` or `zod/mini`
 * @param marks added to those that the schema has
 * @example
 * const Message = z.object({ id: z.string(), text: mark(z.string(), { untrusted: true, private: true }) })
 */
export function mark<S extends Schema>(schema: S, marks: Marks): S {
  const def = defOf(schema)
  // Copied as descriptors, because an object's shape may be a getter that refers to itself.
  const marked = Object.create(null, {
    ...Object.getOwnPropertyDescriptors(def),
    [MARKS]: { value: { ...marksOf(schema), ...marks }, enumerable: true },
  }) as typeof def
  return (schema as S & Clonable<S>).clone(marked, { parent: true })
}

interface Clonable<S> {
  clone(def: object, options: { readonly parent: boolean }): S
}

const marksOf = (schema: $ZodType): Marks | undefined => (defOf(schema) as { readonly [MARKS]?: Marks })[MARKS]

/**
 * Returns the marked fields of a schema. What stands behind a transform is a value that no schema describes, so it has no
 * marks.
 * @param io whether the schema reads an input or writes an output
 */
export function markedFields(schema: $ZodType, io: 'input' | 'output'): readonly MarkedField[] {
  const found: MarkedField[] = []
  const visit = (current: $ZodType, path: readonly string[], around: readonly $ZodType[]): void => {
    // A recursive schema meets itself.
    if (around.includes(current)) return
    const marks = marksOf(current)
    if (marks !== undefined) found.push({ path, ...marks })
    for (const [name, inner] of partsOf(current, io)) {
      visit(inner, name === undefined ? path : [...path, name], [...around, current])
    }
  }
  visit(schema, [], [])
  return found
}

type Part = readonly [name: string | undefined, schema: $ZodType]

function partsOf(schema: $ZodType, io: 'input' | 'output'): readonly Part[] {
  const def = defOf(schema)
  if (def.type === 'object') {
    return [...Object.entries(def.shape), ...(def.catchall === undefined ? [] : [['*', def.catchall] as const])]
  }
  if (def.type === 'record') return [['*', def.valueType]]
  if (def.type === 'array') return [['*', def.element]]
  if (def.type === 'tuple') return [...def.items, ...(def.rest === null ? [] : [def.rest])].map((item) => ['*', item])
  if (def.type === 'union') return def.options.map((option) => [undefined, option])
  if (def.type === 'intersection') return [def.left, def.right].map((side) => [undefined, side])
  if (def.type === 'lazy') return [[undefined, def.getter()]]
  // A pipe that begins with a transform reads what its other side describes.
  if (def.type === 'pipe')
    return [[undefined, io === 'output' || defOf(def.in).type === 'transform' ? def.out : def.in]]
  return 'innerType' in def ? [[undefined, def.innerType]] : []
}

/**
 * Reads a field that the provider leaves out or writes as null: absent in the output either way.
 * @param schema of the field if it is there
 * @example
 * const Channel = z.object({ id: z.string(), topic: nullable(z.string()) })
 */
export function nullable<S extends ZodType>(schema: S): ZodPreprocess<ZodOptional<S>> {
  const pipe = schema.transform<unknown>((value) => value ?? undefined)
  // The schema's own methods make the parts, so that core needs no zod of its own: transform first, then the schema.
  const turned: object = { ...pipe.def, in: pipe.def.out, out: schema.optional() }
  return pipe.clone(turned as typeof pipe.def) as unknown as ZodPreprocess<ZodOptional<S>>
}
