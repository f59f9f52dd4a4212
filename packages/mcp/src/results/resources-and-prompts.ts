import { contentPartOf, isMeta, kept } from './content-part.ts'
import type { ContentPart, McpIcon, Meta } from './content-part.ts'

/** A resource as the server lists it. */
export interface McpResource {
  readonly uri: string
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly mimeType?: string | undefined
  /** Bytes, before any encoding. */
  readonly size?: number | undefined
  readonly icons?: readonly McpIcon[] | undefined
  readonly meta?: Meta | undefined
}

/** A family of resources. Fill in the template (RFC 6570) to get the URI of one. */
export interface McpResourceTemplate {
  readonly uriTemplate: string
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly mimeType?: string | undefined
  readonly icons?: readonly McpIcon[] | undefined
  readonly meta?: Meta | undefined
}

export interface McpPrompt {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly arguments?: readonly McpPromptArgument[] | undefined
  readonly icons?: readonly McpIcon[] | undefined
  readonly meta?: Meta | undefined
}

export interface McpPromptArgument {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly required?: boolean | undefined
}

/** A prompt, filled in. */
export interface McpPromptMessages {
  readonly description?: string | undefined
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: ContentPart }[]
}

/** Completions of a value. */
export interface McpCompletion {
  readonly values: readonly string[]
  /** The number of all completions, if the server knows it. */
  readonly total?: number | undefined
  readonly hasMore: boolean
}

type Raw = Readonly<Record<string, unknown>>

const described = (raw: object, names: readonly string[]): object => {
  const { _meta: meta } = raw as Raw
  return { ...kept(raw as Raw, [...names, 'icons']), ...(isMeta(meta) && { meta }) }
}

export const resourceOf = (raw: object): McpResource =>
  described(raw, ['uri', 'name', 'title', 'description', 'mimeType', 'size']) as McpResource

export const resourceTemplateOf = (raw: object): McpResourceTemplate =>
  described(raw, ['uriTemplate', 'name', 'title', 'description', 'mimeType']) as McpResourceTemplate

export const promptOf = (raw: object): McpPrompt =>
  described(raw, ['name', 'title', 'description', 'arguments']) as McpPrompt

export const promptMessagesOf = ({
  description,
  messages,
}: {
  readonly description?: string | undefined
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: object }[]
}): McpPromptMessages => ({
  ...(description !== undefined && { description }),
  messages: messages.map(({ role, content }) => ({ role, content: contentPartOf(content as Raw) })),
})
