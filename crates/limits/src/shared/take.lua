-- Counts new orders, or refuses them all, as `Account::take` does.
-- KEYS: orders in these ten seconds, orders in this day. ARGV: orders, limit of ten seconds, limit of a day
local orders, limit10s, limit1d = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local in10s, in1d = tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(redis.call('GET', KEYS[2]) or 0)
if limit1d > 0 and in1d + orders > limit1d then
    return {2, in10s, in1d}
end
if limit10s > 0 and in10s + orders > limit10s then
    return {1, in10s, in1d}
end
redis.call('INCRBY', KEYS[1], orders)
redis.call('INCRBY', KEYS[2], orders)
if in10s == 0 then
    redis.call('EXPIRE', KEYS[1], 20)
end
if in1d == 0 then
    redis.call('EXPIRE', KEYS[2], 90000)
end
return {0, in10s + orders, in1d + orders}
