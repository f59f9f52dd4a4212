/** The operations of `SubtleCrypto`, each of which returns a promise. */
const OPERATIONS = [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'unwrapKey',
  'verify',
  'wrapKey',
]

let inFlight = 0
const waiting: (() => void)[] = []
let isCounting = false

/** Returns the number of WebCrypto operations that started after `countCrypto` and have not settled. */
export const cryptoInFlight = (): number => inFlight

/** Waits until no WebCrypto operation is in flight. */
export const cryptoSettled = (): Promise<void> =>
  new Promise((resolve) => {
    if (inFlight === 0) resolve()
    else waiting.push(resolve)
  })

/** Counts the operations of WebCrypto from now on. Their threads need real time, which no fake clock passes. */
export function countCrypto(): void {
  if (isCounting) return
  isCounting = true
  const methods = Object.getPrototypeOf(crypto.subtle) as object
  for (const name of OPERATIONS) {
    const operation = Reflect.get(methods, name) as (...args: readonly unknown[]) => Promise<unknown>
    const counted = function (this: unknown, ...args: readonly unknown[]): Promise<unknown> {
      const result = Reflect.apply(operation, this, args)
      inFlight++
      // Registered before the caller's own reaction, so that whatever the caller starts next is counted in time.
      result.then(settle, settle)
      return result
    }
    Object.defineProperty(methods, name, { value: counted, configurable: true, enumerable: true, writable: true })
  }
}

const settle = (): void => {
  inFlight--
  if (inFlight > 0) return
  for (const resolve of waiting.splice(0)) resolve()
}
