import type { ZodOptional, ZodPreprocess, ZodType } from 'zod'

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
