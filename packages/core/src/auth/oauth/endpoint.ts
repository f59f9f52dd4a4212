import { ConnectorError } from '../../errors/connector-error.ts'
import type { EndpointUrl } from './definition.ts'
import { isLoopback } from './loopback.ts'

type Settings = Readonly<Record<string, unknown>>

/**
 * An endpoint of the authorization server for these settings.
 * @throws ConnectorError CONFIGURATION_ERROR if it is no https URL; http is for loopback addresses
 */
export function endpoint(url: EndpointUrl, settings: Settings): string
export function endpoint(url: EndpointUrl | undefined, settings: Settings): string | undefined
export function endpoint(url: EndpointUrl | undefined, settings: Settings): string | undefined {
  if (url === undefined) return undefined
  if (typeof url === 'string') return checkEndpoint(url)
  let made: unknown
  try {
    made = url(settings)
  } catch {
    made = undefined
  }
  return checkEndpoint(made)
}

/**
 * @param met who named the endpoint: a server out in the network may not point at this machine
 * @throws ConnectorError CONFIGURATION_ERROR
 */
export function checkEndpoint(url: unknown, met?: string): string {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  const local = parsed !== undefined && isLoopback(parsed)
  const isSafe = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && local)
  const isForeign = local && met !== undefined && !isLoopback(new URL(met))
  if (parsed !== undefined && isSafe && !isForeign && parsed.username === '' && parsed.password === '') {
    return url as string
  }
  const who = met === undefined ? 'An endpoint' : `An endpoint that ${hostOf(met)} names`
  throw new ConnectorError('CONFIGURATION_ERROR', `${who} is not an https URL.`, {
    hint: 'Authorization servers are asked over https; http is for loopback addresses only. Check the settings.',
    outcome: 'not_processed',
  })
}

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'the authorization server')
