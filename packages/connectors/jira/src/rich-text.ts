import { ConnectorError, mark, nullable } from '@mcpclient/core/define'
import * as z from 'zod'
import { documentOf, textOf } from './adf.ts'
import type { AdfDocument } from './adf.ts'

const Document = z.looseObject({
  type: z.literal('doc'),
  version: z.literal(1),
  content: z.array(z.looseObject({ type: z.string() })),
})

/** A text to write: plain text, or a document. */
export const richText = z
  .union([z.string(), Document])
  .describe(
    'Plain text with line breaks, or a document in the Atlassian Document Format: {"type":"doc","version":1,"content":[...]}.',
  )

/** Returns the value that a version of the API takes. */
export function writtenText(text: string | AdfDocument, apiVersion: '2' | '3'): string | AdfDocument {
  if (apiVersion === '3') return typeof text === 'string' ? documentOf(text) : text
  if (typeof text === 'string') return text
  throw new ConnectorError('INVALID_INPUT', 'Version 2 of the API takes text, not a document.', {
    outcome: 'not_processed',
    hint: "Pass text in wiki markup, or compose the connector with apiVersion: '3'.",
  })
}

/** Returns a text as a preview shows it. */
export const shownText = (text: string | AdfDocument): string => (typeof text === 'string' ? text : textOf(text))

/** A text that users of the site wrote. */
export const RichText = nullable(
  z.preprocess(
    (value) => {
      if (typeof value === 'string') return { text: value }
      return typeof value === 'object' ? { text: textOf(value), document: value } : value
    },
    mark(
      z.object({
        text: z.string().describe('Without formatting; in wiki markup with version 2 of the API.'),
        document: z
          .record(z.string(), z.unknown())
          .optional()
          .describe('The text with its formatting, in the Atlassian Document Format.'),
      }),
      { untrusted: true, private: true },
    ),
  ),
)
