import { isObject } from './json-object.ts'
import type { JsonObject } from './json-object.ts'

const members = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error'])
const INTERNAL_ERROR = -32_603

/**
 * Repairs the envelope of a message: null for an absent member, members that JSON-RPC does not define, and an error that
 * is not an object. The SDK would drop such a message, and the request would wait for its time limit.
 */
export function repairMessage(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(repairMessage)
  if (!isObject(message) || isWellFormed(message)) return message
  const { id, method, params, result, error } = message
  const identified = id !== null && id !== undefined && { id }
  if (method !== undefined && method !== null) {
    return { jsonrpc: '2.0', ...identified, method, ...(isObject(params) && { params: withMeta(params) }) }
  }
  if (error !== undefined && error !== null) {
    return { jsonrpc: '2.0', ...(id !== undefined && { id }), error: repairedError(error) }
  }
  return { jsonrpc: '2.0', ...identified, result: isObject(result) ? withMeta(result) : {} }
}

function isWellFormed(message: JsonObject): boolean {
  for (const name in message) if (message[name] === null || !members.has(name)) return false
  const { jsonrpc, params, result, error } = message
  if (jsonrpc !== '2.0' || (error !== undefined && (result !== undefined || repairedError(error) !== error)))
    return false
  const inside = params ?? result
  return !isObject(inside) || withMeta(inside) === inside
}

/** Removes a `_meta` that is not an object, and a null token inside one. */
function withMeta(inside: JsonObject): JsonObject {
  const { _meta: meta, ...rest } = inside
  if (meta === undefined) return inside
  if (!isObject(meta)) return rest
  if (meta['progressToken'] !== null) return inside
  const { progressToken: _, ...others } = meta
  return { ...rest, _meta: others }
}

function repairedError(error: unknown): unknown {
  if (!isObject(error)) return { code: INTERNAL_ERROR, message: typeof error === 'string' ? error : 'Unknown error' }
  const { code, message } = error
  if (Number.isInteger(code) && typeof message === 'string') return error
  const number = typeof code === 'string' ? Number(code) : code
  return {
    ...error,
    code: Number.isInteger(number) ? number : INTERNAL_ERROR,
    message: typeof message === 'string' ? message : 'Unknown error',
  }
}
