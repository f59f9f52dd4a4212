import { afterEach } from 'vitest'

interface Closable {
  close(): Promise<void>
}

/** Closes what a test started after the test, in reverse order. */
export function thingsToClose(): <Thing extends Closable>(thing: Thing) => Thing {
  const open: Closable[] = []
  afterEach(async () => {
    for (const thing of open.splice(0).toReversed()) await thing.close()
  })
  return (thing) => {
    open.push(thing)
    return thing
  }
}
