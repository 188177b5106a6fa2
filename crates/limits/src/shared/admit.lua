-- Counts a request of an address and judges it, as `Address::admit` does.
-- KEYS: weight used in this minute, refusals, bans so far, time at which a ban ends
-- ARGV: weight, its limit, refusals before a ban, now (ms), then in seconds: how long refusals count, first ban, longest ban
local weight, limit, patience, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local quiet, first, longest = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local banned = tonumber(redis.call('GET', KEYS[4]) or 0)
if now < banned and banned - now <= longest * 1000 then
    return {2, tonumber(redis.call('GET', KEYS[1]) or 0), banned}
end
local used = redis.call('INCRBY', KEYS[1], weight)
if used == weight then
    redis.call('EXPIRE', KEYS[1], 120)
end
if used <= limit then
    return {0, used, 0}
end
local refused = redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], quiet)
if patience == 0 or refused <= patience then
    return {1, used, 0}
end
local bans = redis.call('INCR', KEYS[3])
local length = math.min(first * 2 ^ math.min(bans - 1, 16), longest)
banned = now + length * 1000
redis.call('EXPIRE', KEYS[3], string.format('%.0f', length + longest))
redis.call('SET', KEYS[4], string.format('%.0f', banned), 'EX', string.format('%.0f', length))
redis.call('DEL', KEYS[2])
return {2, used, banned}
