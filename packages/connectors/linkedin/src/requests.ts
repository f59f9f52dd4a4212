import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'
import type { SettingsOf } from './shapes.ts'

type Context = ToolContext<SettingsOf>
type RestMethod = 'finder' | 'partial_update'

/** Returns the options of a request to the versioned API, with the method of Rest.li if HTTP does not say it. */
export const rest = ({ settings }: Context, method?: RestMethod) => ({
  headers: {
    'linkedin-version': settings.version,
    'x-restli-protocol-version': '2.0.0',
    ...(method && { 'x-restli-method': method.toUpperCase() }),
  },
})

/** Returns the schema of a URN of these kinds. */
export const urn = (...kinds: readonly string[]) =>
  z.string().regex(new RegExp(`^urn:li:(?:${kinds.join('|')}):[\\w-]+$`), `urn:li:${kinds[0]}:...`)

const KEPT = [
  // A mention, a hashtag template and a hashtag.
  String.raw`@\[[^\][(){}|@#<>\\*_~]+\]\(urn:li:(?:person|organization):[\w-]+\)`,
  String.raw`\{hashtag\|\\?#\|[\p{L}\p{N}_]+\}`,
  String.raw`#[\p{L}\p{N}_]+`,
].join('|')
const LITTLE = new RegExp(`(${KEPT})|[\\\\|{}@[\\]()<>#*_~]`, 'gu')

/**
 * Returns a text in LinkedIn's little format: reserved characters are escaped, mentions and hashtags are kept. LinkedIn cuts a
 * post at a reserved character that is not escaped.
 * Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format
 */
export const little = (text: string): string =>
  text.replaceAll(LITTLE, (character, kept: string | undefined) => kept ?? `\\${character}`)
