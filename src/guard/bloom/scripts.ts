/** The Lua of the Bloom filter. The keys of one filter share a slot, so each script runs on a Cluster as well. */
import { script } from '../../connection/client/script.ts'

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

/** KEYS: segments; ARGV: head. Says whether all are there, or the head of one that is another filter's. */
export const lookScript = script(`
for _, key in ipairs(KEYS) do
  local head = redis.call('GETRANGE', key, 0, #ARGV[1] - 1)
  if head == '' then return 0 end
  if head ~= ARGV[1] then return head end
end
return 1`)

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

/** KEYS: the claim, segments, new segments; ARGV: owner, head. Puts the new ones in the place of the others, all at once or not at all. */
export const swapScript = script(`${isOurs}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local count = (#KEYS - 1) / 2
for i = 1, count do
  if not isOurs(KEYS[1 + count + i], ARGV[2]) then return 0 end
end
for i = 1, count do
  redis.call('RENAME', KEYS[1 + count + i], KEYS[1 + i])
  redis.call('PERSIST', KEYS[1 + i])
end
redis.call('DEL', KEYS[1])
return 1`)

/** KEYS: the claim, new segments; ARGV: owner. Leaves nothing of a rebuild that failed. */
export const abandonScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for _, key in ipairs(KEYS) do redis.call('DEL', key) end
return 1`)
