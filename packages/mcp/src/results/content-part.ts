/** A piece of what a server answers: for a person, for a model, or for a program. */
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

/** A resource that `readResource(uri)` would give. */
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

/** A resource, sent along. */
export interface EmbeddedPart {
  readonly type: 'resource'
  readonly resource: ResourceContents
  readonly annotations?: PartAnnotations | undefined
  readonly meta?: Meta | undefined
}

/** A server's `_meta`, as it is. */
export type Meta = Readonly<Record<string, unknown>>

/** An icon that a server offers. Nothing in it is checked: do not load `src` without a policy for that. */
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

/** What the server says a part is for. Hints: nothing in here is checked. */
export interface PartAnnotations {
  readonly audience?: readonly ('user' | 'assistant')[] | undefined
  /** 0: optional, to 1: required. */
  readonly priority?: number | undefined
  /** ISO 8601. */
  readonly lastModified?: string | undefined
}

type Raw = Readonly<Record<string, unknown>>

/** A content block that the SDK has checked, without what nobody asked for. */
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

/** The named fields that are there. */
export const kept = (from: Raw, names: readonly string[]): Record<string, never> =>
  Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name] as never]))
