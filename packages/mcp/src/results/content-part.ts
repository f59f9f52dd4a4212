/** A part of what a server returns: for the user, for a model, or for a program. */
export type ContentPart = TextPart | MediaPart | LinkPart | EmbeddedPart

export interface TextPart {
  readonly type: 'text'
  readonly text: string
  readonly annotations?: PartAnnotations | undefined
  readonly meta?: Meta | undefined
}

export interface MediaPart {
  readonly type: 'image' | 'audio'
  /** In base64. */
  readonly data: string
  readonly mimeType: string
  readonly annotations?: PartAnnotations | undefined
  readonly meta?: Meta | undefined
}

/** A link to a resource that `readResource(uri)` returns. */
export interface LinkPart {
  readonly type: 'resource_link'
  readonly uri: string
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly mimeType?: string | undefined
  readonly icons?: readonly McpIcon[] | undefined
  readonly annotations?: PartAnnotations | undefined
  readonly meta?: Meta | undefined
}

/** An embedded resource. */
export interface EmbeddedPart {
  readonly type: 'resource'
  readonly resource: ResourceContents
  readonly annotations?: PartAnnotations | undefined
  readonly meta?: Meta | undefined
}

/** A server's `_meta`, unchanged. */
export type Meta = Readonly<Record<string, unknown>>

/** An icon that a server offers. It is unverified: do not load `src` without a policy for that. */
export interface McpIcon {
  readonly src: string
  readonly mimeType?: string | undefined
  readonly sizes?: readonly string[] | undefined
  readonly theme?: string | undefined
}

/** The contents of a resource: `text`, or `blob` in base64. */
export interface ResourceContents {
  readonly uri: string
  readonly mimeType?: string | undefined
  readonly text?: string | undefined
  readonly blob?: string | undefined
  readonly meta?: Meta | undefined
}

/** The server's hints about the purpose of a part. They are unverified. */
export interface PartAnnotations {
  readonly audience?: readonly ('user' | 'assistant')[] | undefined
  /** 0: optional, to 1: required. */
  readonly priority?: number | undefined
  /** ISO 8601. */
  readonly lastModified?: string | undefined
}

type Raw = Readonly<Record<string, unknown>>

/** Maps a content block that the SDK has validated. */
export function contentPartOf(block: Raw): ContentPart {
  const { annotations: given, _meta: meta } = block
  const annotations =
    given === undefined && meta === undefined
      ? undefined
      : { ...(given !== undefined && { annotations: given as PartAnnotations }), ...(isMeta(meta) && { meta }) }
  switch (block['type']) {
    case 'text':
      return { type: 'text', text: block['text'] as string, ...annotations }
    case 'resource':
      return { type: 'resource', resource: resourceContentsOf(block['resource'] as Raw), ...annotations }
    case 'resource_link':
      return {
        type: 'resource_link',
        uri: block['uri'] as string,
        name: block['name'] as string,
        ...kept(block, ['title', 'description', 'mimeType', 'icons']),
        ...annotations,
      }
    default:
      return {
        type: block['type'] as MediaPart['type'],
        data: block['data'] as string,
        mimeType: block['mimeType'] as string,
        ...annotations,
      }
  }
}

export const resourceContentsOf = (contents: Raw): ResourceContents => ({
  uri: contents['uri'] as string,
  ...kept(contents, ['mimeType', 'text', 'blob']),
  ...(isMeta(contents['_meta']) && { meta: contents['_meta'] }),
})

export const isMeta = (meta: unknown): meta is Meta => typeof meta === 'object' && meta !== null && !Array.isArray(meta)

/** Returns the named members that are present. */
export const kept = (from: Raw, names: readonly string[]): Record<string, never> =>
  Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name] as never]))
