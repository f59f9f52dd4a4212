import type { ZodOptional, ZodPipe, ZodTransform, ZodType } from 'zod'

/**
 * Reads a field that the provider leaves out or writes as null: absent in the output either way.
 * @param schema of the field where it is there
 * @example
 * const Channel = z.object({ id: z.string(), topic: nullable(z.string()) })
 */
export function nullable<S extends ZodType>(schema: S): ZodPipe<ZodTransform<unknown, unknown>, ZodOptional<S>> {
  const pipe = schema.transform<unknown>((value) => value ?? undefined)
  // The schema's own methods make the parts, so that core needs no zod of its own: transform first, then the schema.
  return pipe.clone({ ...pipe.def, in: pipe.def.out, out: schema.optional() } as never) as unknown as ReturnType<
    typeof nullable<S>
  >
}
