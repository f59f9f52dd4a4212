import { contentPartOf, kept } from './results/content-part.ts'
import type { ContentPart } from './results/content-part.ts'

/** A resource as its server lists it. */
export interface McpResource {
  readonly uri: string
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly mimeType?: string | undefined
  /** Bytes, before any encoding. */
  readonly size?: number | undefined
}

/** A family of resources: fill in the template (RFC 6570) to get the URI of one. */
export interface McpResourceTemplate {
  readonly uriTemplate: string
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly mimeType?: string | undefined
}

export interface McpPrompt {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly arguments?: readonly McpPromptArgument[] | undefined
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

/** What a value may be completed to. */
export interface McpCompletion {
  readonly values: readonly string[]
  /** How many there are in all, where the server says so. */
  readonly total?: number | undefined
  readonly hasMore: boolean
}

type Raw = Readonly<Record<string, unknown>>

export const resourceOf = (raw: object): McpResource =>
  kept(raw as Raw, ['uri', 'name', 'title', 'description', 'mimeType', 'size']) as unknown as McpResource

export const resourceTemplateOf = (raw: object): McpResourceTemplate =>
  kept(raw as Raw, ['uriTemplate', 'name', 'title', 'description', 'mimeType']) as unknown as McpResourceTemplate

export const promptOf = (raw: object): McpPrompt =>
  kept(raw as Raw, ['name', 'title', 'description', 'arguments']) as unknown as McpPrompt

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
