import type { ZodLiteral, ZodObject, ZodOptional, ZodPreprocess, ZodType } from 'zod'
import type { $ZodType } from 'zod/v4/core'
import { defOf } from './schema-shape.ts'
import type { Schema } from './schema.ts'

/** The properties of a field that capabilities use besides its type. */
export interface Marks {
  /** Output that a third party wrote, such as a message. It may try to steer an agent. */
  readonly untrusted?: true | undefined
  /** Output that contains personal or confidential data. */
  readonly private?: true | undefined
  /** Input that decides where data is sent. */
  readonly destination?: 'recipient' | 'channel' | 'url' | undefined
}

/** A marked field of a tool. The mark covers everything inside the field. */
export interface MarkedField extends Marks {
  /** The path of the field. `*` stands for each item of a list and each value of a record. */
  readonly path: readonly string[]
}

/** The key of the marks in a schema's definition, where they survive chained methods and a second copy of core. */
const MARKS = Symbol.for('@mcpclient/marks')

/**
 * Marks a field for capabilities, such as an approval screen or a guard against prompt injection. Parsing does not change.
 * @param schema the schema of the field, from `zod` or `zod/mini`
 * @param marks the marks to add to those of the schema
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
 * Returns the marked fields of a schema. The output of a transform has no marks, because no schema describes it.
 * @param io whether to read the schema's input or its output
 */
export function markedFields(schema: $ZodType, io: 'input' | 'output'): readonly MarkedField[] {
  const found: MarkedField[] = []
  const visit = (current: $ZodType, path: readonly string[], around: readonly $ZodType[]): void => {
    // A recursive schema contains itself.
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
  // The input of a pipe that starts with a transform is described by its output side.
  if (def.type === 'pipe')
    return [[undefined, io === 'output' || defOf(def.in).type === 'transform' ? def.out : def.in]]
  return 'innerType' in def ? [[undefined, def.innerType]] : []
}

/**
 * Accepts a field that the provider omits or sets to null. In both cases it is absent in the output.
 * @param schema the schema of the field if it is present
 * @example
 * const Channel = z.object({ id: z.string(), topic: nullable(z.string()) })
 */
export function nullable<S extends ZodType>(schema: S): ZodPreprocess<ZodOptional<S>> {
  return preprocessed((value) => value ?? undefined, schema.optional())
}

/**
 * Describes the output of a tool whose response has no body, such as a 204. An empty body becomes the literals of the
 * schema, and any other body has to fit it.
 * @param schema an object of literals
 * @example
 * output: noContent(z.object({ deleted: z.literal(true) }))
 */
export function noContent<S extends ZodObject<Readonly<Record<string, ZodLiteral>>>>(schema: S): ZodPreprocess<S> {
  const output = Object.fromEntries(Object.entries(schema.shape).map(([name, { value }]) => [name, value]))
  return preprocessed((body) => body ?? output, schema)
}

function preprocessed<S extends ZodType>(change: (value: unknown) => unknown, schema: S): ZodPreprocess<S> {
  const pipe = schema.transform<unknown>(change)
  // Built with the schema's own methods, so that core does not import zod: transform first, then the schema.
  const turned: object = { ...pipe.def, in: pipe.def.out, out: schema }
  return pipe.clone(turned as typeof pipe.def) as unknown as ZodPreprocess<S>
}
