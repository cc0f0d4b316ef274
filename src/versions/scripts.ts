/** The Lua that makes tokens. Each script touches one key, so it runs on any shard of a Cluster. */
import { createHash } from 'node:crypto'

/** A script and the name Redis knows it by. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/**
 * Makes a token that no key ever held: the server's time in µs, at least one more than the former token's, and random digits.
 * Sets `token`. ARGV[1] = random digits; the random of a script would be the same each time.
 */
const makeToken = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local former = redis.pcall('GET', KEYS[1])
local before = type(former) == 'string' and tonumber(string.match(former, '^(%d+)%.')) or 0
if now <= before then now = before + 1 end
local token = string.format('%.0f', now) .. '.' .. ARGV[1]
`

/** ARGV = random digits, life in ms, channel, tag. Returns the new token, which subscribers hear of as well. */
export const bumpScript = script(`${makeToken}
local set = redis.pcall('SET', KEYS[1], token, 'PX', ARGV[2])
if type(set) == 'table' and set.err then
  if not string.find(set.err, 'OOM', 1, true) then return redis.error_reply(set.err) end
  redis.call('DEL', KEYS[1])
end
redis.call('PUBLISH', ARGV[3], 'bump ' .. token .. ' ' .. ARGV[4])
return token
`)

/** What the scripts make: only this counts as a token. */
export const tokenPattern = /^(\d+)\.[0-9a-f]+$/

/** As above, but a token that is there stays; anything else, a counter above all, could come back and makes room. Returns the token and the ms its key lives. */
export const createScript = script(`
local held = redis.pcall('GET', KEYS[1])
if type(held) == 'string' and string.match(held, '^%d+%.%x+$') then return { held, redis.call('PTTL', KEYS[1]) } end
${makeToken}
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], 'bump ' .. token .. ' ' .. ARGV[4])
return { token, tonumber(ARGV[2]) }
`)

/** ARGV[1] = ms. Lets the key live at least that long. */
export const prolongScript = script(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1
`)

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
