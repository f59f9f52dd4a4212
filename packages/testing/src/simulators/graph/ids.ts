import { GraphFailure } from './failure.ts'

const IMMUTABLE = 'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A'
const MUTABLE = 'AAMkAGUxMDQ0'
const END = 'AAA='

/**
 * Returns the id of an item in a response. The usual one contains the folder, so that it changes when the item is moved;
 * the immutable one does not.
 * @param name the id within the simulator
 * @param folder the number of the folder
 */
export const spelledId = (name: string, folder: number, isImmutable: boolean): string =>
  isImmutable ? `${IMMUTABLE}${name}${END}` : `${MUTABLE}${String(folder).padStart(2, '0')}-${name}${END}`

/** Returns the id within the simulator of an id in a request, which may be of either kind. */
export function nameIn(id: string, folder: number): string {
  for (const start of [IMMUTABLE, `${MUTABLE}${String(folder).padStart(2, '0')}-`]) {
    if (id.startsWith(start) && id.endsWith(END)) return id.slice(start.length, -END.length)
  }
  // An id of another folder is one that a move has changed.
  if (id.startsWith(MUTABLE)) throw new GraphFailure('ErrorItemNotFound')
  throw new GraphFailure('ErrorInvalidIdMalformed')
}
