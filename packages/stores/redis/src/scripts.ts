/**
 * The scripts of the store. Redis runs each one atomically. Every key of a script is passed to it, as a cluster requires.
 *
 * Reads are scripts, too: drivers that spread reads over replicas send scripts to the master, and a stale read of a
 * credential causes a needless refresh.
 *
 * A value is stored as 16 characters of version, followed by the string.
 */
export const scripts = {
  /** KEYS: the value. Returns the stored string, or nil. */
  get: `return redis.call('GET', KEYS[1])`,

  /**
   * KEYS: the index, the ends, the values. ARGV for each value: the key, the string to store, 'any' | 'absent' | a version,
   * milliseconds to live or ''. A string that is empty removes. Returns for each value 1 if it wrote or removed, else 0.
   *
   * A driver that lost its connection may send the same command again: its version is then stored already.
   *
   * A value is written last, because Redis does not roll back when a command in the middle fails: a key in the index
   * without a value counts as expired.
   *
   * Then it removes up to two expired keys for each value: more than it can add, so that expired keys never accumulate. It
   * compares with the clock that expires the values, so both agree on the instant.
   */
  write: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local done = {}
for number = 3, #KEYS do
  local at = 4 * (number - 3)
  local key, text, expected, life = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local stored = redis.call('GETRANGE', KEYS[number], 0, 15)
  local fits = expected == 'any' or stored == expected or (expected == 'absent' and stored == '')
  if text == '' then
    fits = fits and stored ~= ''
    if fits then
      redis.call('DEL', KEYS[number])
      redis.call('ZREM', KEYS[1], key)
      redis.call('ZREM', KEYS[2], key)
    end
  else
    fits = fits or stored == string.sub(text, 1, 16)
    if fits then
      redis.call('ZADD', KEYS[1], 0, key)
      local ending
      if life == '' then
        redis.call('ZREM', KEYS[2], key)
      else
        ending = string.format('%.0f', now + life)
        redis.call('ZADD', KEYS[2], ending, key)
      end
      redis.call('SET', KEYS[number], text)
      if ending then redis.call('PEXPIREAT', KEYS[number], ending) end
    end
  end
  done[number - 2] = fits and 1 or 0
end
local over = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('(%.0f', now), 'LIMIT', 0, 2 * #done)
for _, key in ipairs(over) do
  redis.call('ZREM', KEYS[1], key)
  redis.call('ZREM', KEYS[2], key)
end
return done`,

  /** KEYS: the index. ARGV: from, to, how many. Returns keys in order, including expired ones. */
  keys: `return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])`,

  /**
   * KEYS: the index, the ends, values. ARGV: bytes, the key of each value. Returns each stored string, or nil,
   * and stops after that many bytes. Removes expired keys from the index.
   */
  values: `
local left = tonumber(ARGV[1])
local kept = {}
for number = 3, #KEYS do
  if left <= 0 then break end
  local value = redis.call('GET', KEYS[number])
  kept[number - 2] = value
  if value then
    left = left - #value
  else
    redis.call('ZREM', KEYS[1], ARGV[number - 1])
    redis.call('ZREM', KEYS[2], ARGV[number - 1])
  end
end
return kept`,

  /**
   * KEYS: the bucket. ARGV: capacity, milliseconds to refill whole, cost. Returns milliseconds to wait; 0: taken.
   *
   * A bucket stores only the time at which it is full again (GCRA), and is absent after that. The time is the server's,
   * because clocks of hosts differ.
   */
  take: `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local refill = tonumber(ARGV[2])
local token = refill / tonumber(ARGV[1])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
full = math.min(math.max(full, now), now + refill) + tonumber(ARGV[3]) * token
local wait = full - now - refill
if wait > token / 1000 then return math.ceil(wait) end
local life = string.format('%.0f', math.max(1, math.ceil(full - now)))
redis.call('SET', KEYS[1], string.format('%.17g', full), 'PX', life)
return 0`,

  /** KEYS: any key of the node. Returns its INFO about memory. */
  memory: `return redis.call('INFO', 'memory')`,
} as const

/** Returns whether a script writes, so that its outcome matters. */
export const isWrite = (script: string): boolean => script === scripts.write || script === scripts.take
