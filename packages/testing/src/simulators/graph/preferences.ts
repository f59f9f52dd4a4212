/** The preferences of a request, from its `Prefer` header. */
export interface GraphPreferences {
  readonly immutableIds: boolean
  readonly pageSize: number | undefined
  readonly timeZone: string | undefined
  readonly body: 'html' | 'text'
}

/** Parses a `Prefer` header. */
export function preferencesOf(header: string | null): GraphPreferences {
  const values = new Map(
    [...(header ?? '').matchAll(/([\w.-]+)\s*=\s*(?:"([^"]*)"|([^\s,;]+))/g)].map(
      ([, name = '', quoted, plain = '']) => [name.toLowerCase(), quoted ?? plain] as const,
    ),
  )
  const size = Number(values.get('odata.maxpagesize') ?? Number.NaN)
  return {
    immutableIds: values.get('idtype')?.toLowerCase() === 'immutableid',
    pageSize: Number.isInteger(size) && size > 0 ? size : undefined,
    timeZone: values.get('outlook.timezone'),
    body: values.get('outlook.body-content-type') === 'text' ? 'text' : 'html',
  }
}
