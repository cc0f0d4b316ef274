/** The Lua for filters of the server's own. BF.EXISTS says 0 of a filter that is not there, so the marks are looked at first. */
import { script } from '../../connection/client/script.ts'

/** Names come as statuses from some servers, as strings from others. */
export const factsOf = `local function factsOf(key)
  local info, facts = redis.call('BF.INFO', key), {}
  for i = 1, #info, 2 do facts[type(info[i]) == 'table' and info[i].ok or info[i]] = info[i + 1] end
  return facts
end
`

const isOurs = `local function isOurs(key, from, to)
  local found = redis.call('BF.MEXISTS', key, unpack(ARGV, from, to))
  for i = 1, to - from + 1 do if found[i] ~= 1 then return false end end
  return true
end
`

/** KEYS: the filter; ARGV: texts. Says of each whether it may hold it. */
export const holdsScript = script(`return redis.call('BF.MEXISTS', KEYS[1], unpack(ARGV))`)

/** KEYS: copies of the filter; ARGV: how many marks, marks, ids. Adds the ids to those that are ours, and says whether the first one is. */
export const addIdsScript = script(`${isOurs}
local marks, taken = tonumber(ARGV[1]), 0
for copy, key in ipairs(KEYS) do
  if isOurs(key, 2, marks + 1) then
    for _, answer in ipairs(redis.call('BF.MADD', key, unpack(ARGV, marks + 2))) do
      if type(answer) == 'table' then return answer end
    end
    if copy == 1 then taken = 1 end
  end
end
return taken`)

/**
 * KEYS: the new filter; ARGV: error rate, size, bytes that this takes, the rate to try first, life in ms, marks. Makes it anew, with the
 * marks alone. A server that keeps half of the rate for later parts is asked for twice the rate, as its size tells.
 */
export const reserveScript = script(`${factsOf}
local function reserve(rate)
  redis.call('DEL', KEYS[1])
  redis.call('BF.RESERVE', KEYS[1], rate, ARGV[2], 'EXPANSION', 2)
end
reserve(ARGV[4])
if ARGV[4] ~= ARGV[1] and factsOf(KEYS[1])['Size'] < tonumber(ARGV[3]) then reserve(ARGV[1]) end
redis.call('BF.MADD', KEYS[1], unpack(ARGV, 6))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1`)

/** KEYS: the claim, the filter, the new one, what other kinds have left; ARGV: owner, marks. Puts the new one in the place of all others. */
export const replaceScript = script(`${isOurs}
if redis.call('GET', KEYS[1]) ~= ARGV[1] or not isOurs(KEYS[3], 2, #ARGV) then return 0 end
redis.call('RENAME', KEYS[3], KEYS[2])
redis.call('PERSIST', KEYS[2])
for i = 4, #KEYS do redis.call('DEL', KEYS[i]) end
redis.call('DEL', KEYS[1])
return 1`)

/** KEYS: the filter. Says its bytes and how many ids it has counted; nothing where it is not there. */
export const factsScript = script(`${factsOf}
if redis.call('EXISTS', KEYS[1]) == 0 then return {0, 0} end
local facts = factsOf(KEYS[1])
return {facts['Size'], facts['Number of items inserted']}`)
