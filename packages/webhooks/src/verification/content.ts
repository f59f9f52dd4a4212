import { ConnectorError } from '@mcpclient/core/define'
import { utf8 } from './hmac-key.ts'
import { joined } from './read-bounded.ts'

const NAMES = ['body', 'timestamp', 'id', 'url', 'method'] as const
type Name = (typeof NAMES)[number]

/** The parts of signed content that are strings; the body is bytes. */
export type ContentValues = Readonly<Partial<Record<Exclude<Name, 'body'>, string>>>

/** Signed content, such as `v0:{timestamp}:{body}`. */
export interface Content {
  readonly has: (name: Name) => boolean
  /** Returns whether characters of the id could belong to the text beside it. */
  readonly isAmbiguousId: (id: string) => boolean
  readonly bytes: (body: Uint8Array<ArrayBuffer>, values: ContentValues) => Uint8Array<ArrayBuffer>
}

/**
 * Reads the template of signed content.
 * @throws ConnectorError CONFIGURATION_ERROR if a part is unknown, the body is missing, or the id has no separator
 */
export function readContent(template: string): Content {
  // What the group captured stands at the odd places.
  const parts = template.split(/\{(\w*)\}/)
  const names = parts.filter((_, at) => at % 2 === 1)
  const unknown = names.find((name) => !(NAMES as readonly string[]).includes(name))
  if (unknown !== undefined) {
    throw unusable(template, `has an unknown part {${unknown}}`, `Use ${NAMES.map((name) => `{${name}}`).join(', ')}.`)
  }
  if (names.filter((name) => name === 'body').length !== 1) {
    throw unusable(template, 'needs {body} once', 'A signature that does not cover the body proves nothing about it.')
  }
  const id = names.indexOf('id')
  const before = parts[2 * id]?.at(-1)
  const after = parts[2 * id + 2]?.at(0)
  if (id >= 0 && (after === undefined || (id > 0 && before === undefined))) {
    throw unusable(template, 'needs a separator beside {id}', 'Otherwise the id could take characters of its neighbor.')
  }
  return {
    has: (name) => names.includes(name),
    isAmbiguousId: (text) => id >= 0 && [before, after].some((each) => each !== undefined && text.includes(each)),
    bytes: (body, values) =>
      joined(
        parts.map((part, at) => {
          if (at % 2 === 0) return utf8(part)
          return part === 'body' ? body : utf8(values[part as Exclude<Name, 'body'>] ?? '')
        }),
      ),
  }
}

const unusable = (template: string, problem: string, hint: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `The signed content "${template}" ${problem}.`, { hint })
