/** The Lua of the Bloom filter. The keys of one filter share a slot, so each script runs on a Cluster as well. */
import { script } from '../../connection/client/script.ts'
import { factsOf } from './server-scripts.ts'

const isOurs = `local function isOurs(key, head) return redis.call('GETRANGE', key, 0, #head - 1) == head end\n`

/** KEYS: copies of one segment; ARGV: head, offsets. Sets the bits in those that are there, and says whether the first one is. */
export const setScript = script(`${isOurs}
local taken = 0
for copy, key in ipairs(KEYS) do
  if isOurs(key, ARGV[1]) then
    for i = 2, #ARGV do redis.call('SETBIT', key, ARGV[i], 1) end
    if copy == 1 then taken = 1 end
  end
end
return taken`)

/** KEYS: copies of one segment, then a name that is free; ARGV: head, value. Joins the value with those that are there, and says whether the first one is. */
export const mergeScript = script(`${isOurs}
local part, taken = KEYS[#KEYS], 0
redis.call('SET', part, ARGV[2])
for i = 1, #KEYS - 1 do
  if isOurs(KEYS[i], ARGV[1]) then
    local life = redis.call('PTTL', KEYS[i])
    redis.call('BITOP', 'OR', KEYS[i], KEYS[i], part)
    if life > 0 then redis.call('PEXPIRE', KEYS[i], life) end
    if i == 1 then taken = 1 end
  end
end
redis.call('DEL', part)
return taken`)

/**
 * KEYS: the filter of the server's own, segments; ARGV: head, 1 where it may be the server's own, marks. Says the kind, and 1 where all of
 * it is there, 0 where not, or what is there of other parameters. One that is not there is to be the server's own, where it has such and
 * lets us use it.
 */
export const lookScript = script(`${factsOf}
local bf = KEYS[1]
local function marked()
  local found = redis.call('BF.MEXISTS', bf, unpack(ARGV, 3))
  for i = 1, #ARGV - 2 do if found[i] ~= 1 then return false end end
  return true
end
local function serves()
  if ARGV[2] ~= '1' then return false end
  local known = redis.pcall('COMMAND', 'INFO', 'bf.mexists', 'bf.madd', 'bf.reserve', 'bf.info')
  if known.err then return false end
  for i = 1, 4 do if not known[i] then return false end end
  return not redis.pcall('BF.MEXISTS', bf, 'any').err
end
local function told()
  local facts = factsOf(bf)
  return string.format('bf size=%.0f and another errorRate', facts['Capacity'] / (2 ^ facts['Number of filters'] - 1))
end
if redis.call('EXISTS', bf) == 1 then
  if marked() then return {'bf', 1} end
  return {'bf', told()}
end
for i = 2, #KEYS do
  local head = redis.call('GETRANGE', KEYS[i], 0, #ARGV[1] - 1)
  if head == '' then return {serves() and 'bf' or 'bitmap', 0} end
  if head ~= ARGV[1] then return {'bitmap', head} end
end
return {'bitmap', 1}`)

/** KEYS: segments; ARGV: head, bytes, life in ms. Makes them anew, empty. */
export const prepareScript = script(`
local value = ARGV[1] .. string.rep('\\0', tonumber(ARGV[2]))
for _, key in ipairs(KEYS) do redis.call('SET', key, value, 'PX', ARGV[3]) end
return #KEYS`)

/** KEYS: the claim, new segments; ARGV: owner, life in ms. Keeps them alive. */
export const extendScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
return 1`)

/** KEYS: the claim, segments, new segments, what other kinds have left; ARGV: owner, head, how many segments. Puts the new ones in the place of all others, at once or not at all. */
export const swapScript = script(`${isOurs}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local count = tonumber(ARGV[3])
for i = 1, count do
  if not isOurs(KEYS[1 + count + i], ARGV[2]) then return 0 end
end
for i = 1, count do
  redis.call('RENAME', KEYS[1 + count + i], KEYS[1 + i])
  redis.call('PERSIST', KEYS[1 + i])
end
for i = 2 + 2 * count, #KEYS do redis.call('DEL', KEYS[i]) end
redis.call('DEL', KEYS[1])
return 1`)

/** KEYS: the claim, new segments; ARGV: owner. Leaves nothing of a rebuild that failed. */
export const abandonScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for _, key in ipairs(KEYS) do redis.call('DEL', key) end
return 1`)
