/** The Lua that makes tokens. Each script touches one key, so it runs on any shard of a Cluster. */
import { type Script, script } from '../connection/client/script.ts'

/** All scripts of the protocol. */
export interface Scripts {
  readonly bump: Script
  readonly create: Script
  readonly prolong: Script
  readonly intend: Script
}

/** What the scripts make: only this, and a marker's name, counts as a token. */
export const tokenPattern = /^(\d{16,})\.[0-9a-f]{16}$/

/** A marker of writers at work, and its name: `!<name>!<writer>:<deadline in µs>,…`. */
export const markerPattern = /^(!\d{16,}\.[0-9a-f]{16})!/

/**
 * Makes a token that no key ever held: the server's time in µs, at least one more than the former token's, and random digits.
 * Sets `token` and `now`. ARGV[1] = random digits; the random of a script would be the same each time.
 */
const makeToken = `
local time = redis.pcall('TIME')
if time.err then return redis.error_reply('NOPERM TIME is forbidden') end
local now = time[1] * 1000000 + time[2]
local former = redis.pcall('GET', KEYS[1])
if type(former) ~= 'string' then former = '' end
local before = tonumber(string.match(former, '^!?(%d+)%.')) or 0
local made = now
if made <= before then made = before + 1 end
local token = string.format('%.0f', made) .. '.' .. ARGV[1]
`

/** Sets `writers`, the list of those still at work but for `leaving`, `last`, the µs at which the last of them is given up, and `dead`. */
const readWriters = `
local writers, last, dead = '', 0, false
for writer, deadline in string.gmatch(string.match(former, '^!.-!(.*)$') or '', '([^:,]+):(%d+)') do
  local at = tonumber(deadline)
  if writer ~= leaving and at > now then
    writers = writers .. writer .. ':' .. deadline .. ','
    if at > last then last = at end
  elseif writer ~= leaving then
    dead = true
  end
end
`

/** Sets `unheard` to why nobody was told: what was done is done. */
const announce = `
local said = redis.pcall('PUBLISH', ARGV[3], 'bump ' .. token .. ' ' .. ARGV[4])
local unheard = type(said) == 'table' and said.err or ''
`

/**
 * ARGV = random digits, life in ms, channel, tag, and a writer that is done with its work. Returns the new token, which
 * subscribers hear of as well, the ms its key lives, and why they could not be told. While other writers are at work the token is the name
 * of their marker.
 */
const bump = script(`${makeToken}
local leaving = ARGV[5]
${readWriters}
local value, life = token, ARGV[2]
if writers ~= '' then
  token = '!' .. token
  value, life = token .. '!' .. writers, math.ceil((last - now) / 1000)
end
local set = redis.pcall('SET', KEYS[1], value, 'PX', life)
if type(set) == 'table' and set.err then
  -- A key that is gone outdates as well as a new token; a marker must not go, and cannot be renamed.
  if writers ~= '' or not string.find(set.err, 'OOM', 1, true) then return redis.error_reply(set.err) end
  redis.call('DEL', KEYS[1])
end
${announce}
return { token, ARGV[2], unheard }
`)

/**
 * ARGV as above. A token or a marker that is there stays; anything else, a counter above all, could come back and makes room.
 * Returns as above.
 */
const create = script(`
local held = redis.pcall('GET', KEYS[1])
if type(held) == 'string' then
  local name = string.rep('%d', 16) .. '%d*%.' .. string.rep('%x', 16)
  if string.match(held, '^' .. name .. '$') then return { held, redis.call('PTTL', KEYS[1]), '' } end
  local marker = string.match(held, '^(!' .. name .. ')!')
  if marker then return { marker, 0, '' } end
end
${makeToken}
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
${announce}
return { token, ARGV[2], unheard }
`)

/** ARGV[1] = ms. Lets the key live at least that long. A marker lives as long as its writers. */
const prolong = script(`
local held = redis.pcall('GET', KEYS[1])
if type(held) == 'string' and string.sub(held, 1, 1) == '!' then return 0 end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1
`)

/**
 * ARGV = random digits, ms until the writer is given up, channel, tag, writer. Puts a marker in the token's place, or renews it:
 * a marker that named the writer keeps its name, unless another writer has died. Returns as above.
 */
const intend = script(`${makeToken}
local leaving = ARGV[5]
${readWriters}
local deadline = now + tonumber(ARGV[2]) * 1000
if deadline > last then last = deadline end
local name = string.match(former, '^(!%d+%.%x+)!')
-- A writer that died may have committed: nobody may join what began before.
local renewed = name and not dead and string.find(former, leaving .. ':', 1, true)
token = renewed and name or '!' .. token
local value = token .. '!' .. writers .. leaving .. ':' .. string.format('%.0f', deadline) .. ','
redis.call('SET', KEYS[1], value, 'PX', math.ceil((last - now) / 1000))
local unheard = ''
if not renewed then
  local said = redis.pcall('PUBLISH', ARGV[3], 'bump ' .. token .. ' ' .. ARGV[4])
  unheard = type(said) == 'table' and said.err or ''
end
return { token, 0, unheard }
`)

/** The scripts as the contract needs them. */
export const scripts: Scripts = Object.freeze({ bump, create, prolong, intend })
